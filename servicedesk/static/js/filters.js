// <details data-closed-on-phone open>: open beside the list, closed above it where the window is narrow.
if (matchMedia("(max-width: 48em)").matches) {
  for (const details of document.querySelectorAll("[data-closed-on-phone]")) details.open = false
}

// <form data-draft="reply-INC-2026-000123">: what is typed in its text areas outlives an expired sign-in, a refusal and
// a reload. It is kept in this tab alone, and forgotten once a page says neither of what was sent: that it was wrong
// (an error summary) nor that it was not taken (data-not-taken, on the sign-in page and the error pages).
const DRAFT = "draft:"
const SENT = "draft-sent"
const nameOf = (form, area) => `${DRAFT}${form.dataset.draft}:${area.name}`

function settleWhatWasSent() {
  const sent = sessionStorage.getItem(SENT)
  if (sent === null) return
  sessionStorage.removeItem(SENT)
  if (document.querySelector(".govuk-error-summary, [data-not-taken]")) return
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(`${DRAFT}${sent}:`)) sessionStorage.removeItem(key)
  }
}

settleWhatWasSent()
for (const form of document.querySelectorAll("form[data-draft]")) {
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, form.dataset.draft))
  for (const area of form.querySelectorAll("textarea")) {
    area.value = area.value || sessionStorage.getItem(nameOf(form, area)) || ""
    area.addEventListener("input", () => sessionStorage.setItem(nameOf(form, area), area.value))
  }
}
// Whoever signs in next in this tab finds nothing.
for (const form of document.querySelectorAll("form[data-forgets-drafts]")) {
  form.addEventListener("submit", () => sessionStorage.clear())
}

// <form data-draft="reply-INC-2026-000123">: what is typed in its textareas outlives an expired sign-in and a closed
// tab's reload. It is kept in this tab alone, and forgotten when the server has answered with data-draft-done.
const keyOf = (form, area) => `draft:${form.dataset.draft}:${area.name}`

for (const done of document.querySelectorAll("[data-draft-done]")) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(`draft:${done.dataset.draftDone}:`)) sessionStorage.removeItem(key)
  }
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  for (const area of form.querySelectorAll("textarea")) {
    area.value = area.value || sessionStorage.getItem(keyOf(form, area)) || ""
    area.addEventListener("input", () => sessionStorage.setItem(keyOf(form, area), area.value))
  }
}

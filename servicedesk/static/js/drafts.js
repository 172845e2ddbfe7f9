// <form data-draft="say-INC-2026-000123">: what is typed in its text areas outlives an expired sign-in, a refusal and
// a reload. It is kept in this tab alone, and forgotten once a page says neither of what was sent: that it was wrong
// (an error summary) nor that it was not taken (data-not-taken, on the sign-in page and the error pages).
//
// With data-draft-address all of the form but its files is kept by the site as well, a moment after the typing pauses:
// then it outlives the window and the machine, and what the tab keeps is only what the site does not have yet.
const DRAFT = "draft:"
const SENT = "draft-sent"
const PAUSE = 1500
const TYPED = "textarea, input[type=text]"
const nameOf = (form, area) => `${DRAFT}${form.dataset.draft}:${area.name}`

function forget(name) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(`${DRAFT}${name}:`)) sessionStorage.removeItem(key)
  }
}

function settleWhatWasSent() {
  const sent = sessionStorage.getItem(SENT)
  if (sent === null) return
  sessionStorage.removeItem(SENT)
  if (!document.querySelector(".govuk-error-summary, [data-not-taken]")) forget(sent)
}

// Keeps one form on the site. One request at a time, so that an older one never comes after a newer.
class Keeper {
  constructor(form) {
    this.form = form
    this.said = form.querySelector("[data-draft-said]")
    this.discard = form.querySelector("[data-draft-discard]")
    this.begun = false
    this.sending = false
    form.addEventListener("input", () => this.later())
    form.addEventListener("change", () => this.begun && this.later())
    form.addEventListener("submit", (event) => this.waits(event))
    document.addEventListener("visibilitychange", () => document.hidden && this.timer && this.keep())
  }

  later() {
    this.begun = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.keep(), PAUSE)
  }

  keep() {
    clearTimeout(this.timer)
    this.timer = null
    if (this.sending) return
    const saving = (this.saving || Promise.resolve()).then(() => this.save()).catch(() => {})
    this.saving = saving
    saving.then(() => this.saving === saving && (this.saving = null))
  }

  async save() {
    const kept = new FormData(this.form)
    for (const [name, value] of [...kept]) if (value instanceof File) kept.delete(name)
    // Where nothing can be typed, what is chosen is all that there is to keep.
    const boxes = [...this.form.querySelectorAll(TYPED)]
    const empty = boxes.length > 0 && boxes.every((box) => !box.value.trim())
    const address = this.form.dataset.draftAddress + (empty ? "discard/" : "")
    const options = { method: "POST", body: kept, headers: { Accept: "application/json" }, redirect: "manual", keepalive: true }
    const response = await fetch(address, options)
    const known = response.ok || response.status === 422
    if (known) this.said.textContent = empty ? "" : (await response.json()).said
    if (!response.ok) return
    this.discard.hidden = empty
    for (const area of this.form.querySelectorAll("textarea")) {
      if (area.value === kept.get(area.name)) sessionStorage.removeItem(nameOf(this.form, area))
    }
  }

  // What is under way to be kept must not arrive after the form itself, which takes its draft away. A form cannot be
  // submitted anew while it says that it is, so that comes a moment later.
  waits(event) {
    clearTimeout(this.timer)
    this.timer = null
    if (this.sending || !this.saving) return
    event.preventDefault()
    this.sending = true
    const { submitter } = event
    this.saving.then(() => setTimeout(() => this.form.requestSubmit(submitter)))
  }
}

settleWhatWasSent()
for (const form of document.querySelectorAll("form[data-draft]")) {
  const keeper = form.dataset.draftAddress ? new Keeper(form) : null
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, form.dataset.draft))
  for (const area of form.querySelectorAll("textarea")) {
    const left = sessionStorage.getItem(nameOf(form, area))
    if (left !== null && (keeper || !area.value)) {
      area.value = left
      keeper?.later()
    }
    area.addEventListener("input", () => sessionStorage.setItem(nameOf(form, area), area.value))
  }
}
// Whoever signs in next in this tab finds nothing.
for (const form of document.querySelectorAll("form[data-forgets-drafts]")) {
  form.addEventListener("submit", () => sessionStorage.clear())
}

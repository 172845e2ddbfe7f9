// The behaviour of the components in use, and of the long lists that are searched by typing.
import accessibleAutocomplete from "accessible-autocomplete"
import {
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend"

const COMPONENTS = [
  Button,
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
]

// Text that is none of the choices chooses none, so that clearing the box clears the field.
function makeSearchable(select) {
  const choose = (text) => {
    const found = [...select.options].findIndex((option) => option.value && option.text === text)
    select.selectedIndex = found === -1 ? [...select.options].findIndex((option) => !option.value) : found
  }
  const chosen = select.value ? select.selectedOptions[0].text : ""
  accessibleAutocomplete.enhanceSelectElement({
    selectElement: select,
    showAllValues: true,
    autoselect: false,
    defaultValue: chosen,
    // Left without a choice, the box itself says what holds, once it has been drawn again.
    onConfirm: (text) => (text ? choose(text) : setTimeout(() => choose(select.parentNode.querySelector("input").value))),
  })
}

function start(scope) {
  for (const component of COMPONENTS) createAll(component, undefined, scope)
  for (const select of scope.querySelectorAll("[data-search-select] select")) makeSearchable(select)
}

// A page that is scanned into says by autofocus which box comes next. A scanner types without looking: no banner takes
// the focus from that box, and what stands in it is typed over.
const next = document.querySelector("input[autofocus]")
if (next) {
  const banners = document.querySelectorAll(".govuk-notification-banner, .govuk-error-summary")
  for (const banner of banners) banner.dataset.disableAutoFocus = "true"
  next.focus()
  next.select()
}

start(document)
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt)
})

// What is chosen on a long form outlives a reload and a sign-in that expires, until it is sent: the name under which it
// is kept holds the version of what was read.
function keepChoices(form) {
  const name = form.dataset.keep
  const fields = () => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit")
  const kept = JSON.parse(sessionStorage.getItem(name) || "null")
  if (kept && !document.querySelector(".govuk-error-summary"))
    for (const field of fields()) {
      const value = kept[field.type === "radio" || field.type === "checkbox" ? `${field.name}=${field.value}` : field.name]
      if (value === undefined) continue
      if (field.type === "radio" || field.type === "checkbox") field.checked = value
      else field.value = value
    }
  form.addEventListener("change", () => {
    const values = fields().map((field) =>
      field.type === "radio" || field.type === "checkbox" ? [`${field.name}=${field.value}`, field.checked] : [field.name, field.value],
    )
    sessionStorage.setItem(name, JSON.stringify(Object.fromEntries(values)))
  })
}

for (const form of document.querySelectorAll("form[data-keep]")) keepChoices(form)

// All boxes of a form ticked at once, for those who can: the box that does it is hidden without script.
for (const all of document.querySelectorAll("[data-choose-all]")) {
  const boxes = () => all.closest("form").querySelectorAll("td input[type=checkbox]")
  const box = all.querySelector("input")
  all.hidden = false
  box.addEventListener("change", () => boxes().forEach((one) => (one.checked = box.checked)))
}

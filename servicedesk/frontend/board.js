// The board of a batch: an asset is dragged by its handle to another state. Letting go there does what the button of that
// move does: its form is sent with what is chosen, or the page opens on which it is made of one alone. The buttons stay.
const STILL = 6
const places = document.querySelector("[data-places]")

// What leads from the state of a form, each by the state that it leads to.
const waysOf = (form) => new Map([...form.querySelectorAll("[data-to]")].map((way) => [way.dataset.to, way]))

function show(form, name) {
  const ways = waysOf(form)
  for (const place of places.querySelectorAll("[data-place]")) {
    const here = place.dataset.place === form.dataset.state
    const way = ways.get(place.dataset.place)
    place.classList.toggle("app-places__one--reached", Boolean(way))
    place.querySelector("[data-says]").textContent = way ? way.textContent : here ? "It is here" : "No move leads here"
  }
  places.querySelector("[data-dragged]").textContent = name
  places.hidden = false
}

// What was let go is on its way, until the page is shown again: a second one would leave the first half done.
let sent = false
addEventListener("pageshow", () => (sent = false))

function make(way, box, form) {
  if (sent) return
  sent = true
  if (way.dataset.page) {
    location.assign(`${box.closest("tr").querySelector("th a").href}${way.dataset.page}/`)
    return
  }
  if (!box.checked) {
    for (const other of form.querySelectorAll("input[name=item]")) other.checked = other === box
    const all = form.querySelector("[data-choose-all] input")
    if (all) all.checked = false
  }
  form.requestSubmit(way)
}

function drag(start, grip, box) {
  const form = box.form
  const name = box.closest("tr").querySelector("th a").textContent
  let over = null
  let begun = false

  const move = (event) => {
    if (!begun && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < STILL) return
    if (!begun) show(form, name)
    begun = true
    over?.classList.remove("app-places__one--over")
    over = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-place]") ?? null
    over?.classList.add("app-places__one--over")
  }
  const end = () => {
    grip.removeEventListener("pointermove", move)
    grip.removeEventListener("pointerup", drop)
    grip.removeEventListener("pointercancel", end)
    document.removeEventListener("keydown", leave)
    over?.classList.remove("app-places__one--over")
    places.hidden = true
  }
  const drop = () => {
    const way = begun && over && waysOf(form).get(over.dataset.place)
    end()
    if (way) make(way, box, form)
  }
  const leave = (event) => event.key === "Escape" && end()

  grip.setPointerCapture(start.pointerId)
  grip.addEventListener("pointermove", move)
  grip.addEventListener("pointerup", drop)
  grip.addEventListener("pointercancel", end)
  document.addEventListener("keydown", leave)
}

for (const box of document.querySelectorAll("form[data-state] input[name=item]")) {
  const grip = document.createElement("span")
  grip.className = "app-grip"
  grip.title = "Drag to another state"
  grip.setAttribute("aria-hidden", "true")
  const cell = box.closest("td").firstElementChild
  cell.classList.add("app-gripped")
  cell.prepend(grip)
  grip.addEventListener("pointerdown", (event) => {
    if (event.button) return
    event.preventDefault()
    drag(event, grip, box)
  })
}

// <form data-scan>: a box that scanners type into. Each scan is sent as it comes, the box is emptied and keeps the focus.
// Where the browser reads codes by itself, a button turns the camera on; each code is then sent as if it were typed.
const BETWEEN_LOOKS = 300
const AGAIN = 3000

for (const form of document.querySelectorAll("form[data-scan]")) {
  const box = form.querySelector("input[type=text], textarea")
  const button = form.querySelector("[data-scan-camera]")
  const video = form.querySelector("[data-scan-video]")
  let stream = null
  let last = { text: "", at: 0 }

  box.focus()
  form.addEventListener("htmx:beforeRequest", () => setTimeout(() => (box.value = "")))
  form.addEventListener("htmx:afterRequest", () => stream || box.focus())

  // The same code stays before the camera for a while.
  const send = (text) => {
    const now = Date.now()
    if (text === last.text && now - last.at < AGAIN) return
    last = { text, at: now }
    box.value = text
    form.requestSubmit()
  }

  const look = async (detector) => {
    if (!stream) return
    const codes = video.readyState >= 2 ? await detector.detect(video).catch(() => []) : []
    if (codes.length) send(codes[0].rawValue)
    setTimeout(() => look(detector), BETWEEN_LOOKS)
  }

  const stop = () => {
    for (const track of stream.getTracks()) track.stop()
    stream = null
    video.hidden = true
    button.textContent = "Use the camera"
  }

  const start = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } })
    } catch {
      button.textContent = "The camera cannot be used"
      return
    }
    video.srcObject = stream
    video.hidden = false
    await video.play()
    button.textContent = "Stop the camera"
    look(new BarcodeDetector())
  }

  if (button && "BarcodeDetector" in window && navigator.mediaDevices) {
    button.hidden = false
    button.addEventListener("click", () => (stream ? stop() : start()))
  }
}

// Charts, each drawn from the table that it stands below: <section data-chart="met,missed"> holds a table whose cells say
// their column and value. The table stays, and is what there is without script. Nothing moves.
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from "chart.js"

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip)
Chart.defaults.animation = false
Chart.defaults.font.family = "Arial, Helvetica, sans-serif"
Chart.defaults.font.size = 14
Chart.defaults.color = "#0b0c0c"

// Each is told from the others by more than its hue: by its outline, or how dark it is.
const LOOKS = [
  { backgroundColor: "#1d70b8", borderColor: "#1d70b8", borderWidth: 2 },
  { backgroundColor: "#ffffff", borderColor: "#0b0c0c", borderWidth: 2 },
  { backgroundColor: "#0b0c0c", borderColor: "#0b0c0c", borderWidth: 2 },
  { backgroundColor: "#b1b4b6", borderColor: "#505a5f", borderWidth: 2 },
]

// What is kept back or missing has no value, and so no bar.
function series(section, code) {
  const cells = [...section.querySelectorAll(`td[data-column="${code}"]`)]
  return cells.map((cell) => (cell.dataset.value ? Number(cell.dataset.value) : null))
}

function draw(section) {
  const table = section.querySelector("table")
  const codes = section.dataset.chart.split(",")
  const datasets = codes.map((code, index) => ({
    label: table.querySelector(`th[data-column="${code}"]`).textContent.trim(),
    data: series(section, code),
    ...LOOKS[index % LOOKS.length],
  }))
  if (datasets.every(({ data }) => data.every((value) => value === null))) return
  const canvas = document.createElement("canvas")
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", `Chart: ${table.caption.textContent.trim()}. The table above has its numbers.`)
  const frame = document.createElement("div")
  frame.className = "app-chart"
  frame.append(canvas)
  section.append(frame)
  const labels = [...table.querySelectorAll("tbody tr:not([data-total]) th")].map((heading) => heading.textContent.trim())
  new Chart(canvas, {
    type: "bar",
    data: { labels, datasets },
    options: {
      maintainAspectRatio: false,
      plugins: { legend: { display: datasets.length > 1 } },
      scales: { y: { beginAtZero: true, ticks: { precision: 0 } }, x: { grid: { display: false } } },
    },
  })
}

for (const section of document.querySelectorAll("[data-chart]")) draw(section)

// Live pictures as SVG: drawn once for each width, after that only their marks move.
const gaugeHeight = 112
const gaugeEdge = 10
const componentRow = 15
const componentReach = 4

function drawn(tag, className, parent, attributes = {}) {
  const found = document.createElementNS("http://www.w3.org/2000/svg", tag)
  found.setAttribute("class", className)
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value)
  parent.append(found)
  return found
}

// The outline of a histogram as a density, so that bins of different widths can be compared.
function outlinePoints({edges, counts, total, x, y}) {
  if (x) return x.map((value, at) => [value, y[at]])
  const points = [[edges[0], 0]]
  counts.forEach((count, at) => {
    const height = count / (total * (edges[at + 1] - edges[at]))
    points.push([edges[at], height], [edges[at + 1], height])
  })
  return [...points, [edges[edges.length - 1], 0]]
}

function roundTicks(low, high, most) {
  const rough = (high - low) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((each) => each * power >= rough) * power
  const ticks = []
  for (let at = Math.ceil(low / step); at * step <= high + step * 1e-9; at += 1) ticks.push(at * step)
  return ticks
}

// One axis for all models, and one scale of heights unless one model would vanish beside another.
function gaugeScale(gauges, fromZero) {
  const each = gauges.map((gauge) => {
    const filled = outlinePoints(gauge.filled)
    return {filled, lines: gauge.outlines.map((outline) => outlinePoints(outline))}
  })
  const places = (points) => points.flat().map(([x]) => x)
  const own = places(each.map(({filled}) => filled))
  const all = [...own, ...places(each.flatMap(({lines}) => lines))]
  const first = fromZero ? 0 : Math.min(...all)
  // What lies far away shall not press all others together; it is named at the edge.
  const last = Math.min(Math.max(...all), first + 1.6 * (Math.max(...own) - first))
  const room = 0.08 * (last - first) || 1
  const height = (points) => Math.max(...points.map(([, y]) => y))
  const tops = each.map(({filled, lines}) =>
    Math.min(Math.max(height(filled), ...lines.map(height)), 5 * height(filled)))
  const shared = Math.max(...tops) <= 2.5 * Math.min(...tops)
  return {
    low: fromZero ? 0 : Math.max(0, first - room), high: last + room, each,
    tops: shared ? tops.map(() => Math.max(...tops)) : tops,
  }
}

function numberText(value) {
  if (value >= 1e5) return value.toExponential(1)
  return value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toFixed(2)
}

// A mark that moves: where its place is off the picture, it stands at the edge as an arrow.
function movingMark(parent, height) {
  const group = drawn("g", "mark", parent)
  drawn("line", "halo", group, {y1: 12, y2: height})
  drawn("line", "stem", group, {y1: 12, y2: height})
  drawn("circle", "dot", group, {cy: 8, r: 5})
  drawn("path", "left", group, {d: "M-7 8 L4 2 L4 14 Z"})
  drawn("path", "right", group, {d: "M7 8 L-4 2 L-4 14 Z"})
  return group
}

function putMark(group, part, width) {
  group.dataset.at = part < 0 ? "left" : part > 1 ? "right" : "inside"
  group.style.transform = `translateX(${gaugeEdge + Math.min(1, Math.max(0, part)) * width}px)`
}

function drawAxis(svg, {low, high}, {width, height, ticks}) {
  const place = (value) => gaugeEdge + ((value - low) / (high - low)) * width
  drawn("line", "axis", svg, {x1: gaugeEdge, x2: gaugeEdge + width, y1: height, y2: height})
  for (const tick of ticks) {
    drawn("line", "axis", svg, {x1: place(tick), x2: place(tick), y1: height, y2: height + 4})
    const text = drawn("text", "tick", svg, {x: place(tick), y: height + 16})
    text.textContent = String(Math.round(tick * 1e6) / 1e6).replace("-", "−")
  }
}

function drawHistogram(svg, gauge, scale, {row, width}) {
  const height = gaugeHeight
  svg.setAttribute("height", height + 20)
  const plot = drawn("svg", "", svg, {x: gaugeEdge, y: 0, width, height})
  const x = (value) => ((value - scale.low) / (scale.high - scale.low)) * width
  const y = (value) => height - (value / scale.tops[row]) * (height - 22)
  const path = (points) => points.map(([at, up], n) => `${n ? "L" : "M"}${x(at)} ${y(up)}`).join("")
  if (gauge.limits) {
    const [near, far] = gauge.limits.map(x)
    drawn("rect", "border", plot, {x: near, y: 0, width: Math.max(0, far - near), height})
    drawn("rect", "off", plot, {x: far, y: 0, width: Math.max(0, width - far), height})
    const named = width - far > 84
    if (named) drawn("text", "zone", plot, {x: far + 6, y: 30}).textContent = "off the data"
  }
  drawn("path", "filled", plot, {d: path(scale.each[row].filled)})
  gauge.outlines.forEach((outline, at) => {
    const points = scale.each[row].lines[at]
    drawn("path", outline.style, plot, {d: path(points)})
    if (points[0][0] < scale.high) return
    const text = drawn("text", "away", plot, {x: width - 4, y: height - 8})
    text.textContent = `${outline.name}: from ${numberText(points[0][0])} →`
  })
  drawAxis(svg, scale, {width, height, ticks: roundTicks(scale.low, scale.high, width / 42)})
  const mark = movingMark(svg, height)
  return ({value}) => putMark(mark, (value - scale.low) / (scale.high - scale.low), width)
}

function drawComponents(svg, gauge, scale, {width}) {
  const height = componentRow * gauge.names.length + 6
  svg.setAttribute("height", height + 20)
  const reach = componentReach
  const wide = width - 16
  const place = (value) => gaugeEdge + 16 + ((value + reach) / (2 * reach)) * wide
  for (const [name, far] of [["two", 2], ["one", 1]]) {
    const size = {y: 0, width: place(far) - place(-far), height}
    drawn("rect", `band ${name}`, svg, {x: place(-far), ...size})
  }
  drawn("line", "axis", svg, {x1: place(0), x2: place(0), y1: 0, y2: height})
  const rows = gauge.names.map((name, at) => {
    const y = 3 + componentRow * (at + 0.5)
    drawn("text", "name", svg, {x: gaugeEdge + 8, y: y + 4}).textContent = name
    const stem = drawn("line", "stem", svg, {x1: place(0), x2: place(0), y1: y, y2: y})
    const mark = drawn("g", "mark", svg)
    drawn("circle", "dot", mark, {cy: y, r: 4.5})
    drawn("path", "left", mark, {d: `M-6 ${y} L4 ${y - 5} L4 ${y + 5} Z`})
    drawn("path", "right", mark, {d: `M6 ${y} L-4 ${y - 5} L-4 ${y + 5} Z`})
    return {stem, mark}
  })
  const ticks = [-4, -2, 0, 2, 4]
  for (const tick of ticks) {
    const text = drawn("text", "tick", svg, {x: place(tick), y: height + 16})
    text.textContent = `${tick > 0 ? "+" : ""}${tick}`.replace("-", "−")
  }
  return ({scores}) => scores.forEach((score, at) => {
    const {stem, mark} = rows[at]
    const inside = Math.min(reach, Math.max(-reach, score))
    mark.dataset.at = score < -reach ? "left" : score > reach ? "right" : "inside"
    mark.style.transform = `translateX(${place(inside)}px)`
    stem.setAttribute("x2", place(inside))
  })
}

// A card shows one gauge of all models, one above the other on the same axis.
function gaugeCard(parent, key) {
  const card = made("article", `gauge ${key}`, parent)
  const title = made("h3", "", card)
  const panels = made("div", "panels", card)
  const label = made("p", "label", card)
  const legend = made("p", "legend", card)
  const texts = made("div", "texts", card)
  let shown = []

  function draw(sides) {
    const known = sides.filter((side) => side?.gauges)
    const gauges = known.map((side) => side.gauges[key])
    const width = Math.max(0, panels.clientWidth - 2 * gaugeEdge)
    panels.replaceChildren()
    texts.replaceChildren()
    if (!width || !gauges.length) return
    title.textContent = gauges[0].title
    label.textContent = gauges[0].label
    const scale = key === "components" ? null : gaugeScale(gauges, key === "radius")
    shown = known.map((side, row) => {
      const panel = made("div", "panel", panels)
      const head = made("p", "now", panel)
      if (known.length > 1) made("span", "model", head, side.name)
      const number = made("strong", "", head)
      const words = made("span", "", head)
      const svg = drawn("svg", "", panel, {role: "img", width: width + 2 * gaugeEdge})
      const put = key === "components"
        ? drawComponents(svg, gauges[row], scale, {width})
        : drawHistogram(svg, gauges[row], scale, {row, width})
      const text = made("p", "about", texts)
      if (known.length > 1) made("b", "", text, `${side.name}: `)
      text.append(gauges[row].text.replaceAll(" %", "\u00a0%").replaceAll(" ± ", "\u00a0±\u00a0"))
      return {side, panel, number, words, svg, put, title: gauges[row].title}
    })
    drawLegend(gauges)
    move(sides)
  }

  function drawLegend(gauges) {
    legend.replaceChildren()
    const entries = key === "components"
      ? [["one", "1 standard deviation"], ["two", "2"]]
      : [gauges.map((each) => ["filled", each.filled.name])[0],
        ...gauges.flatMap((each) => each.outlines.map((line) => [line.style, line.name]))]
    const seen = new Set()
    if (gauges[0].limits) entries.push(["border", "at the border"])
    for (const [style, name] of [...entries, ["point", "this point"]]) {
      if (seen.has(style)) continue
      seen.add(style)
      const entry = made("span", "entry", legend)
      made("i", `swatch ${style}`, entry)
      entry.append(name)
    }
  }

  function move(sides) {
    for (const {side, panel, number, words, svg, put, title: name} of shown) {
      const mark = sides.find((each) => each === side)?.marks?.[key]
      panel.classList.toggle("placed", Boolean(mark))
      if (!mark) continue
      put(mark)
      panel.dataset.zone = mark.zone
      number.textContent = mark.value === undefined ? "" : numberText(mark.value)
      words.textContent = mark.text
      svg.setAttribute("aria-label", `${name}, ${side.name}: ${number.textContent} ${mark.text}`)
    }
  }
  return {draw, move}
}

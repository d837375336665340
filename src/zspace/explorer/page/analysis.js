// The tab that measures: pictures that follow the current point, and the figures of the report.
function analysisPart(parent, ask) {
  const tab = made("section", "analysis", parent)
  made("h2", "", tab, "Where the current point is")
  made("p", "lead", tab,
    "These follow each click and each slider. Blue are the images, orange is the point that you " +
    "see decoded.")
  const live = made("div", "live", tab)
  const cards = ["radius", "distance", "cloud", "components"].map((key) => gaugeCard(live, key))
  const sides = []
  const draw = () => cards.forEach((card) => card.draw(sides))
  let width = 0
  new ResizeObserver(() => {
    if (live.clientWidth === width) return
    width = live.clientWidth
    draw()
  }).observe(live)
  const list = figureList(tab, ask)

  return {
    gauges({side, name, ...gauges}) {
      sides[side] = {name, gauges, marks: sides[side]?.marks}
      list.name(side, name)
      draw()
    },
    marks({side, ...marks}) {
      sides[side] = sides[side] ?? {name: ""}
      sides[side].marks = marks
      cards.forEach((card) => card.move(sides))
    },
    figures: list.figures,
    figure: list.figure,
  }
}

// One figure at a time, of all models side by side. What is not at hand is measured when asked for.
function figureList(parent, ask) {
  const box = made("section", "figures", parent)
  made("h2", "", box, "The report’s figures")
  made("p", "lead", box,
    "What zspace analyze measures of all codes. What was not measured yet can be measured here; " +
    "it is kept while the explorer runs, and nothing is written to the run folder.")
  const columns = made("div", "columns", box)
  const names = made("div", "names", columns)
  names.setAttribute("role", "group")
  names.setAttribute("aria-label", "figures")
  const shown = made("div", "shown", columns)
  const models = []
  let chosen = null

  const model = (side) => (models[side] ??= {name: "", items: new Map(), panel: null})
  const known = () => models.filter((each) => each?.items.size)

  function choose(name) {
    chosen = name
    models.forEach((each, side) => {
      const item = each?.items.get(name)
      if (item?.there && !item.answer && !item.asked) request(side, item)
    })
    update()
  }

  function request(side, item) {
    item.asked = true
    item.answer = null
    ask({kind: "figure", side, name: item.name})
  }

  function update() {
    const titles = new Map()
    for (const {items} of known()) for (const item of items.values()) titles.set(item.name, item.title)
    box.hidden = !titles.size
    while (names.children.length < titles.size) made("button", "", names).type = "button"
    while (names.children.length > titles.size) names.lastChild.remove()
    const rows = [...titles]
    rows.forEach(([name, title], at) => {
      const button = names.children[at]
      const there = known().every(({items}) => items.get(name)?.there ?? true)
      button.textContent = title
      button.dataset.there = there
      button.title = there ? "" : "not measured yet"
      button.setAttribute("aria-pressed", name === chosen)
      button.onclick = () => choose(name)
    })
    models.forEach((each, side) => each && show(each, side))
  }

  function show(each, side) {
    const item = each.items.get(chosen)
    each.panel ??= made("article", "figure", shown)
    each.panel.hidden = !item
    if (!item) return
    const state = [chosen, item.there, item.asked, each.name, known().length].join()
    if (each.state === state && each.answer === item.answer) return
    Object.assign(each, {state, answer: item.answer})
    for (const address of each.addresses ?? []) URL.revokeObjectURL(address)
    each.panel.replaceChildren()
    made("h3", "", each.panel, item.answer?.title ?? item.title)
    if (known().length > 1) made("p", "model", each.panel, each.name)
    each.addresses = []
    if (item.answer && !item.answer.problem) fill(each, item.answer)
    else wait(each, item, () => { request(side, item); update() })
  }

  function fill(each, {text, title, shows, captions, pictures}) {
    made("p", "text", each.panel, text)
    pictures.forEach((picture, at) => {
      const address = URL.createObjectURL(new Blob([picture], {type: "image/png"}))
      each.addresses.push(address)
      const figure = made("figure", "", each.panel)
      const image = made("img", "", figure)
      image.alt = `${shows || title}${captions?.[at] ? `, ${captions[at]}` : ""}`
      image.src = address
      if (captions?.[at]) made("figcaption", "", figure, captions[at])
    })
  }

  function wait(each, item, again) {
    if (item.asked) {
      const words = item.there ? "Loading …" : "Measuring all codes. This may take some minutes …"
      const busy = made("p", "busy", each.panel, words)
      busy.setAttribute("role", "status")
      return
    }
    if (item.answer?.problem) {
      made("p", "problem", each.panel, item.answer.problem).setAttribute("role", "alert")
    } else {
      made("p", "text", each.panel, "Not measured yet, or not since the model was trained on.")
    }
    const button = made("button", "measure", each.panel, item.there ? "Try again" : "Measure now")
    button.type = "button"
    button.onclick = again
  }

  update()
  return {
    name(side, name) {
      model(side).name = name
      update()
    },
    figures({side, items}) {
      const before = model(side).items
      const found = items.map((item) => {
        const old = before.get(item.name)
        return [item.name, {...item, asked: old?.asked ?? false, answer: null}]
      })
      model(side).items = new Map(found)
      const first = items.find((item) => item.there) ?? items[0]
      if (first && (chosen === null || items.some(({name}) => name === chosen))) {
        choose(chosen ?? first.name)
      } else update()
    },
    figure(answer) {
      const item = model(answer.side).items.get(answer.name)
      if (!item) return
      item.asked = false
      item.answer = answer
      if (!answer.problem) item.there = true
      update()
    },
  }
}

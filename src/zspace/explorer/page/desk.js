// The whole page: its parts, and who hears which answer.
export function render({model, view, el}) {
  const root = made("div", "page", el)
  const night = matchMedia("(prefers-color-scheme: dark)")
  const theme = (name) => {
    root.dataset.theme = name
    document.documentElement.dataset.theme = name
    desk.maps.forEach((map) => map.dress())
  }
  const kept = () => {
    try {
      return localStorage.getItem("zspace-theme")
    } catch {
      return null
    }
  }
  let shownSide = 0
  const desk = {
    root, owner: view.model.document, maps: [], models: [], which: 0, mode: "decode",
    follow: "action", peekAt: null,
    isDark: () => root.dataset.theme === "dark",
    setMode(value) {
      desk.mode = value
      desk.maps.forEach((map) => map.pan(value === "pan"))
      bar.press(value)
      root.dataset.mode = value
    },
    // The model that was last acted upon, whose numbers the sliders show.
    get side() {
      return shownSide
    },
    set side(side) {
      if (side === shownSide) return
      shownSide = side
      for (const part of parts) part.side?.()
    },
    hidePeek() {
      desk.peekAt = null
      peek.classList.remove("seen")
    },
    problem(text) {
      problem.textContent = text
    },
    openTool: (name) => tools.open(name),
  }

  const points = takingTurns((question) => model.send_msg(question), "points")
  const glances = takingTurns((question) => model.send_msg(question), "glances")
  const ask = (question) => {
    for (const part of parts) part.asked?.(question)
    points.ask({side: desk.side, follow: desk.follow, ...question})
  }

  const top = made("header", "top", root)
  made("h1", "", top, "zspace")
  const runs = made("span", "runs", top)
  const note = made("span", "note", top)
  const follow = choice(top, "What the other model does", [
    ["action", "Same action", "The other model does the same in its own space"],
    ["image", "Same image", "The other model encodes the image that this one shows"],
  ], (value) => (desk.follow = value))
  const undo = button(top, "Undo", () => ask({kind: "undo"}), {title: "Ctrl+Z"})
  const redo = button(top, "Redo", () => ask({kind: "redo"}), {title: "Ctrl+Y"})
  const tabs = choice(top, "Pages", [["map", "Map"], ["analysis", "Analysis"]], (name) => {
    root.dataset.tab = name
    desk.hidePeek()
  })
  tabs.box.classList.add("tabs")
  button(top, "◐", () => {
    theme(desk.isDark() ? "light" : "dark")
    try {
      localStorage.setItem("zspace-theme", root.dataset.theme)
    } catch {
      // A page without storage keeps its theme until it is closed.
    }
  }, {title: "Light or dark"}).setAttribute("aria-label", "Light or dark")

  const body = made("div", "body", made("div", "main", root))
  const card = made("section", "card mapcard", body)
  made("p", "hint", card, model.hint)
  const bar = barPart(card, desk, ask)
  const figures = made("div", "maps", card)
  const figureOf = model.get_child("maps").map((child) => {
    const box = made("div", "map", figures)
    const head = made("div", "maphead", box)
    const name = made("strong", "", head)
    const legend = made("div", "legend", head)
    const slot = made("div", "slot", box)
    slot.tabIndex = 0
    slot.setAttribute("role", "application")
    slot.setAttribute("aria-label", "Map of the latent space; arrow keys move the point")
    slot.append(child)
    return {name, legend, meaning: made("p", "meaning", box)}
  })

  const aside = made("div", "aside", body)
  const stages = made("div", "stages", aside)
  const stageParts = figureOf.map((_, side) => stagePart(stages, desk, side, ask))
  const toolbox = made("section", "card tools", aside)
  const message = made("div", "messages", root)
  const busy = made("p", "busy", message)
  busy.setAttribute("role", "status")
  const problem = made("p", "problem", message)
  problem.setAttribute("role", "alert")
  problem.title = "Click to close"
  problem.onclick = () => (problem.textContent = "")
  const tools = toolParts(toolbox)
  const takes = takePart(tools.panel("take", "Take home"), desk, ask)
  const parts = [
    bar,
    slidersPart(tools.panel("sliders", "Sliders", true), desk, ask),
    randomPart(tools.panel("random", "Random", true), ask),
    walkPart(tools.panel("walk", "Walk", true), desk, ask, takes.take),
    directionsPart(tools.panel("directions", "Directions", true), desk, ask, takes.take),
    ownPart(tools.panel("own", "Your image", true), desk, ask),
    takes,
  ]
  tools.open("sliders")
  const strip = stripPart(body, desk, ask)
  const analysis = analysisPart(made("div", "second", root), ask)

  const peek = made("div", "peek", root)
  const peekImage = made("canvas", "", peek)
  const peekText = made("span", "", peek)
  const tasks = new Map()
  const tellBusy = () => (busy.textContent = [...tasks.values()].map((text) => `${text} …`).join(" "))

  const own = {
    models({models}) {
      desk.models = models
      root.dataset.models = models.length
      runs.textContent = models.map((each) => each.name).join("  |  ")
      follow.box.hidden = models.length < 2
      figureOf.forEach(({name}, side) => {
        name.textContent = models.length > 1 ? models[side].name : ""
      })
    },
    notes: ({notes}) => (note.textContent = [...new Set(notes)].filter(Boolean).join(" ")),
    map({side, view: shown, meaning, legend, path}) {
      figureOf[side].meaning.textContent = meaning
      if (figureOf[side].shown !== shown) desk.maps[side].forget()
      figureOf[side].shown = shown
      showLegend(figureOf[side].legend, legend)
      desk.maps[side].path(path)
    },
    image(answer) {
      problem.textContent = ""
      stageParts[answer.side].image(answer)
      desk.maps[answer.side].mark(answer.place)
    },
    told: (answer) => stageParts[answer.side].told(answer),
    state(answer) {
      undo.disabled = !answer.undo
      redo.disabled = !answer.redo
    },
    strip(answer) {
      desk.maps[answer.side].pins(answer.pins.map((pin) => pin && pin.place))
    },
    route: ({side, places}) => desk.maps[side].path(places),
    done: ({number}) => {
      points.answered(number)
      glances.answered(number)
    },
    problem({text}) {
      problem.textContent = text
      desk.maps.forEach((map) => map.unmark())
    },
    busy({task, text}) {
      tasks.set(task, text)
      tellBusy()
    },
    idle({task}) {
      tasks.delete(task)
      tellBusy()
    },
    glance(answer) {
      const seen = answer.row !== null && desk.peekAt !== null
      peek.classList.toggle("seen", seen)
      if (!seen) return
      paint(peekImage, answer)
      peekText.textContent = answer.text
      const [x, y] = desk.peekAt
      const left = Math.min(x + 16, innerWidth - 120)
      const above = y + 140 > innerHeight ? y - 130 : y + 16
      peek.style.transform = `translate(${left}px, ${above}px)`
    },
  }
  const listeners = [own, ...stageParts.map((part) => ({models: part.models})), strip, ...parts, analysis]
  function hear(answer) {
    for (const listener of listeners) listener[answer.kind]?.(answer, strip.pictureOf)
  }

  desk.maps = figureOf.map((_, side) => mapPart(desk, desk.owner, side, ask, glances.ask))
  theme(kept() ?? (night.matches ? "dark" : "light"))
  model.on("msg:custom", hear)
  const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1]}
  const keys = (event) => {
    const path = event.composedPath()
    // In a notebook, keys that are pressed elsewhere are not for this page.
    if (!path.includes(root) && event.target !== document.body) return
    const [from] = path
    const isText = from?.matches?.("textarea, input:not([type=range], [type=file])")
    const isOwn = isText || from?.matches?.("input, select, button, a")
    const command = event.ctrlKey || event.metaKey
    if (command && !isText && ["z", "y"].includes(event.key.toLowerCase())) {
      event.preventDefault()
      const back = event.key.toLowerCase() === "z" && !event.shiftKey
      ask({kind: back ? "undo" : "redo"})
    } else if (steps[event.key] && !command && !isOwn && root.dataset.tab !== "analysis") {
      event.preventDefault()
      desk.maps[desk.side].step(...steps[event.key], event.repeat)
    }
  }
  document.addEventListener("keydown", keys)
  const seen = new ResizeObserver(() => desk.maps.forEach((map) => map.settle()))
  seen.observe(figures)
  model.on("remove", () => {
    document.removeEventListener("keydown", keys)
    seen.disconnect()
    clearInterval(lost)
  })
  // Bokeh tries again for half a minute. Who comes back asks for all that was told meanwhile.
  let lost = 0
  desk.owner.on_event?.("connection_lost", (_, {timeout, connection}) => {
    problem.textContent = timeout === null
      ? "The explorer has ended or cannot be reached; start it again, and reload this page."
      : "The connection is lost; it is being tried again …"
    let open = 0
    clearInterval(lost)
    lost = setInterval(() => {
      open = connection.deref()?.socket?.readyState === WebSocket.OPEN ? open + 1 : 0
      if (open < 2) return
      clearInterval(lost)
      points.restart()
      glances.restart()
      ask({kind: "begin"})
    }, 500)
  })
  ask({kind: "begin"})
}

function toolParts(parent) {
  const list = made("div", "tablist", parent)
  list.setAttribute("role", "tablist")
  const found = new Map()
  function open(name) {
    for (const [each, {tab, panel}] of found) {
      tab.setAttribute("aria-selected", each === name)
      tab.tabIndex = each === name ? 0 : -1
      panel.hidden = each !== name
    }
  }
  list.onkeydown = (event) => {
    const names = [...found.keys()]
    const at = names.findIndex((name) => found.get(name).tab === event.target)
    const by = {ArrowRight: 1, ArrowLeft: -1}[event.key]
    if (by === undefined || at < 0) return
    event.preventDefault()
    const next = names[(at + by + names.length) % names.length]
    open(next)
    found.get(next).tab.focus()
  }
  return {
    open,
    panel(name, text, before = false) {
      const tab = button(null, text, () => open(name))
      const last = list.lastChild
      if (before && last) list.insertBefore(tab, last)
      else list.append(tab)
      const panel = made("div", `toolpanel ${name}`, parent)
      tab.setAttribute("role", "tab")
      panel.setAttribute("role", "tabpanel")
      panel.setAttribute("aria-label", text)
      found.set(name, {tab, panel})
      return panel
    },
  }
}

function showLegend(parent, {title, names, colors, low, high}) {
  parent.replaceChildren()
  made("span", "quiet", parent, title)
  if (names) {
    names.forEach((name, at) => {
      const one = made("span", "class", parent, name)
      made("i", "", one).style.background = colors[at]
    })
    return
  }
  const short = (value) => Number(value.toPrecision(3)).toString()
  made("span", "quiet", parent, short(low))
  made("i", "scale", parent).style.background = `linear-gradient(90deg, ${colors.join()})`
  made("span", "quiet", parent, short(high))
}

// Pins A and B, and the walk between them.
const WALK_TEXTS = {
  line: ["Line", "The straight line"],
  sphere: ["Sphere", "A great circle: the radius changes evenly"],
  density: ["Among codes", "The shortest way that keeps to where codes are"],
}
function walkPart(parent, desk, ask, take) {
  made("p", "explain", parent,
    "Set pin A at one point and pin B at another; then walk from A to B and watch the image change.")
  const places = made("div", "pins", parent)
  const pins = ["a", "b"].map((pin) => {
    const box = made("div", "pin", places)
    const pictures = made("div", "pictures", box)
    button(box, `Set ${pin.toUpperCase()} here`, () => ask({kind: "pin", pin}))
    const text = made("span", "quiet", box, "not set")
    return {pictures, text}
  })
  const rest = made("div", "rest", parent)
  let walk = "line"
  const kinds = choice(rest, "The way", Object.entries(WALK_TEXTS).map(([name, [text, hint]]) =>
    [name, text, hint]), (value) => {
    walk = value
    route()
  })
  const slider = sliderRow(rest, {
    title: "A to B", low: 0, high: 1, written: (value) => `${Math.round(100 * value)} %`,
  }, (value, along) => {
    stop()
    ask({kind: "walk", value, along})
  })
  const films = made("div", "films", rest)
  const last = made("div", "actions", rest)
  button(last, "Play", play)
  button(last, "Save as GIF", () => take("gif", "walk"))
  rest.hidden = true
  let both = ""

  function route() {
    if (both) ask({kind: "route", walk})
  }
  let playing = 0
  function stop() {
    clearInterval(playing)
  }
  function play() {
    stop()
    let step = 0
    playing = setInterval(() => {
      step += 1
      slider.set(step / 48)
      ask({kind: "walk", value: step / 48, along: step > 1})
      if (step >= 48) stop()
    }, 70)
  }
  const rows = []
  return {
    // Whoever does something else while it plays wants to see that.
    asked: ({kind}) => kind !== "walk" && stop(),
    problem: stop,
    models({models}) {
      both = ""
      films.replaceChildren()
      rows.length = 0
      for (const _ of models) rows.push(made("div", "film", films))
    },
    strip(answer, pictureOf) {
      answer.pins.forEach((kept, which) => {
        const {pictures, text} = pins[which]
        while (pictures.children.length <= answer.side) made("canvas", "", pictures)
        const canvas = pictures.children[answer.side]
        canvas.hidden = kept === null
        if (kept) paint(canvas, pictureOf(answer.side, kept.id))
        if (answer.side === 0) text.textContent = kept ? kept.text : "not set"
      })
      if (answer.side !== desk.maps.length - 1) return
      const set = answer.pins.every((kept) => kept !== null)
      rest.hidden = !set
      const now = set ? answer.pins.map((kept) => kept.id).join() : ""
      if (now === both) return
      both = now
      slider.set(0)
      if (!set) desk.maps.forEach((map) => map.path([]))
      route()
    },
    route(answer) {
      const film = rows[answer.side]
      const pictures = parted(answer)
      film.replaceChildren()
      pictures.forEach((picture, at) => {
        const value = at / (pictures.length - 1)
        const tile = button(film, "", () => {
          stop()
          slider.set(value)
          ask({kind: "walk", value})
        }, {className: "tile", title: `${Math.round(100 * value)} % of the way`})
        paint(made("canvas", "", tile), picture)
      })
    },
  }
}

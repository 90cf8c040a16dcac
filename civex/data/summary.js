(() => {
  "use strict";
  const $ = id => document.getElementById(id);
  const { data, drawn } = charts;
  const rows = data.rows;
  const number = value => value.toLocaleString("en");
  const make = (tag, words, properties = {}) =>
    Object.assign(document.createElement(tag), { textContent: words }, properties);

  // The table: which rows are wanted, in which order, and the page of them that is shown.
  const chosen = { site: null, event: null };  // what was clicked: points of the map, an event
  let wanted = rows, at = 0, haystack = null;
  let told = null;  // reports at each point of the map that are wanted; null: all
  const searchable = () => haystack ??= rows.map(row =>
    [row.id, ...row.cells, ...row.facts.flat(), ...Object.values(data.documents[row.document][0])].join("\n").toLowerCase());
  const fits = (value, list) => !value || (value === "-" ? !list.length : list.includes(value));
  const filter = () => {
    const needles = $("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = needles.length ? searchable() : null;
    const [country, target, outcome, from, to] = ["country", "target", "outcome", "from", "to"].map(id => $(id).value);
    wanted = rows.filter((row, line) =>
      fits(country, row.country ? [row.country] : []) && fits(target, row.target)
      && fits(outcome, row.outcome)
      && (!from || row.end >= from) && (!to || (row.start && row.start <= to))
      && (!chosen.site || chosen.site.has(row.site)) && (chosen.event === null || row.event === chosen.event)
      && (!text || needles.every(needle => text[line].includes(needle))));
    const narrowed = [...needles, country, target, outcome, from, to, chosen.site, chosen.event ?? ""].some(Boolean);
    $("filtered").hidden = !narrowed;
    $("filtered").textContent = `The charts show ${number(wanted.length)} of ${number(rows.length)} reports: those that `
      + "the filter of the table leaves.";
    charts.follow(narrowed ? wanted : null);
    told = narrowed ? (data.map.sites ?? []).map(() => 0) : null;
    if (told) wanted.forEach(row => { if (row.site >= 0) told[row.site] += 1; });
    if (view) draw();
    const [, down, key] = /^(-?)(.*)$/.exec($("order").value);
    if (key) {
      const value = row => Array.isArray(row[key]) ? row[key][0] : row[key] === "" ? null : row[key];
      const compare = (a, b) => a === b ? 0 : a < b ? -1 : 1;
      wanted.sort((a, b) => (value(a) === null) - (value(b) === null)
        || (down ? compare(value(b), value(a)) : compare(value(a), value(b))));
    }
    at = 0;
    show();
  };
  const show = () => {
    const page = wanted.slice(at, at + data.page);
    $("table").tBodies[0].replaceChildren(...page.map(line));
    $("count").textContent = `${number(wanted.length)} of ${number(rows.length)} reports`;
    $("pages").hidden = wanted.length <= data.page;
    $("at").textContent = `${number(at + 1)} to ${number(at + page.length)}`;
    $("back").disabled = at === 0;
    $("on").disabled = at + data.page >= wanted.length;
    $("chosen").hidden = !chosen.site && chosen.event === null;
    $("chosen").textContent = chosen.event === null ? "Places chosen on the map ×" : "Reports of one event ×";
  };
  const line = row => {
    const element = make("tr", "");
    row.cells.forEach((cell, column) => {
      const name = data.columns[column];
      const box = make("td", "");
      box.dataset.label = name;
      if (column === 0) box.append(make("button", cell, { type: "button", onclick: () => open(row) }));
      else if (name === "same event" && cell) {
        box.append(make("button", cell, { type: "button", onclick: () => choose({ event: row.event }) }));
      } else box.textContent = cell;
      element.append(box);
    });
    return element;
  };
  const turn = step => {
    at += step * data.page;
    show();
    $("records").scrollIntoView();
    $("table").focus({ preventScroll: true });
  };
  const choose = what => {
    Object.assign(chosen, { site: null, event: null }, what);
    filter();
    $("records").scrollIntoView();
  };

  // The text of a report.
  const open = row => {
    const [about, url, text] = data.documents[row.document];
    $("what").textContent = `${row.cells[0]}, ${row.cells[1]}`;
    const cells = data.columns.map((name, column) => [name, row.cells[column]]);
    const said = cells.slice(2, -1).filter(([, value]) => value);
    $("facts").replaceChildren(...[...said, ...row.facts, ["id", row.id], ...Object.entries(about)].flatMap(
      ([name, value]) => [make("dt", name), make("dd", value)]));
    if (url) {
      const place = make("dd", "");
      place.append(make("a", url, { href: url, rel: "noreferrer" }));
      $("facts").append(make("dt", "url"), place);
    }
    $("text").replaceChildren(...(text ? text.map(piece => marked(piece, row.incident))
      : [make("p", "The text is not on this page.", { className: "none" })]));
    $("source").showModal();
    $("text").scrollTop = 0;
    $("text").querySelector(".stretch")?.scrollIntoView({ block: "center" });
  };
  const marked = (piece, incident) => {
    if (typeof piece === "string") return document.createTextNode(piece);
    const [words, kinds, incidents] = piece;
    if (incidents && !incidents.split(" ").includes(incident)) return document.createTextNode(words);
    const title = kinds.split(" ").filter(kind => kind !== "stretch" && kind !== "gap").join(", ");
    return make("span", words, title ? { className: kinds, title } : { className: kinds });
  };

  // The map: part shown, clusters of points, names of countries.
  const map = $("map");
  const start = map && data.map.view;
  let view = null;  // middle of the map and its units a pixel
  const fit = () => {
    const unit = Math.max(start[2] / map.clientWidth, start[3] / map.clientHeight);
    view = { x: start[0] + start[2] / 2, y: start[1] + start[3] / 2, unit };
  };
  const clusters = () => {
    const found = [], near = 36 * view.unit;
    data.map.sites.forEach(([x, y, name, all], site) => {
      const reports = told ? told[site] : all;
      if (!reports) return;
      const home = found.find(other => Math.hypot(other.x - x, other.y - y) < near);
      if (home) { home.reports += reports; home.sites.push(site); }
      else found.push({ x, y, name, reports, sites: [site] });
    });
    return found;
  };
  const short = value => value < 1000 ? `${value}` : value < 10000 ? `${Math.floor(value / 100) / 10}k`
    : `${Math.floor(value / 1000)}k`;
  const draw = () => {
    const width = map.clientWidth * view.unit, height = map.clientHeight * view.unit;
    const [left, top] = [view.x - width / 2, view.y - height / 2];
    map.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    const inside = (x, y) => x > left && x < left + width && y > top && y < top + height;
    const group = $("sites"), taken = [];
    group.replaceChildren();
    clusters().forEach(({ x, y, name, reports, sites }) => {
      if (!inside(x, y)) return;
      const radius = reports > 1 ? Math.min(8 + 1.5 * Math.log2(reports), 17) * view.unit : 5 * view.unit;
      const more = sites.length > 1 ? ` and ${sites.length - 1} more places` : "";
      const label = `${name}${more}: ${number(reports)} ${reports === 1 ? "report" : "reports"}`;
      const cluster = drawn("g", { class: "cluster", tabindex: 0, role: "button", "aria-label": label });
      cluster.append(drawn("title", {}, label), drawn("circle", { class: "site", cx: x, cy: y, r: radius }));
      if (reports > 1) cluster.append(drawn("text", { x, y, "font-size": 10.5 * view.unit }, short(reports)));
      cluster.addEventListener("click", () => choose({ site: new Set(sites) }));
      cluster.addEventListener("keydown", event => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose({ site: new Set(sites) });
      });
      group.append(cluster);
      taken.push([x - radius, y - radius, x + radius, y + radius]);
    });
    data.map.labels.forEach(([name, x, y]) => {
      const size = 12 * view.unit, half = name.length * size * .33;
      const box = [x - half, y - size * .6, x + half, y + size * .6];
      const free = taken.every(other =>
        box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
      if (!free || !inside(box[0], box[1]) || !inside(box[2], box[3])) return;
      group.append(drawn("text", { class: "label", x, y, "font-size": size, "stroke-width": size / 4 }, name));
      taken.push(box);
    });
  };
  const zoom = factor => {
    if (factor) view.unit = Math.max(.0005, Math.min(view.unit * factor, 380 / map.clientWidth));
    else fit();
    draw();
  };
  const pan = (x, y) => { view.x += x * view.unit; view.y += y * view.unit; draw(); };
  const movable = () => {
    $("zoom").hidden = false;
    $("zoom").addEventListener("click", event => {
      if (event.target.dataset.zoom) zoom(Number(event.target.dataset.zoom));
    });
    map.setAttribute("tabindex", 0);
    map.setAttribute("aria-label", "Map of the reports; arrow keys move it, plus and minus zoom");
    map.addEventListener("keydown", event => {
      const step = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] }[event.key];
      const factor = { "+": .6, "=": .6, "-": 1.667, "0": 0 }[event.key];
      if (event.target !== map || (!step && factor === undefined)) return;
      event.preventDefault();
      if (step) pan(...step); else zoom(factor);
    });
    let last = null, moved = false;
    map.addEventListener("pointerdown", event => { last = [event.clientX, event.clientY]; moved = false; });
    addEventListener("pointermove", event => {
      if (!last) return;
      const [x, y] = [last[0] - event.clientX, last[1] - event.clientY];
      if (!moved && Math.hypot(x, y) < 5) return;
      moved = true;
      map.classList.add("moved");
      last = [event.clientX, event.clientY];
      pan(x, y);
    });
    const stop = () => { last = null; map.classList.remove("moved"); };
    ["pointerup", "pointercancel"].forEach(name => addEventListener(name, stop));
    map.addEventListener("click", event => { if (moved) event.stopPropagation(); }, true);
    let size = 0;
    new ResizeObserver(() => {
      if (map.clientWidth === size) return;
      size = map.clientWidth;
      fit();
      draw();
    }).observe(map);
  };

  // Bars and countries set the filter of the table.
  document.addEventListener("click", event => {
    const source = event.target.closest("[data-filter]");
    if (!source) return;
    $(source.dataset.filter).value = source.dataset.value;
    choose({});
  });
  $("filter").addEventListener("input", filter);
  $("filter").addEventListener("reset", () => setTimeout(() => choose({})));
  $("filter").addEventListener("submit", event => event.preventDefault());
  $("chosen").addEventListener("click", () => choose({}));
  $("back").addEventListener("click", () => turn(-1));
  $("on").addEventListener("click", () => turn(1));
  $("source").addEventListener("click", event => { if (event.target === $("source")) $("source").close(); });
  $("filter").hidden = false;
  if (map) movable();
  filter();
})();

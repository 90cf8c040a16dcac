// The charts of the page for some of its rows: the same figures and drawings as `civex.batch.summary`, `charts` and
// `page` make for all of them. `charts.follow(rows)` draws them; `charts.follow(null)` puts back what the page came with.
const charts = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const drawn = (tag, attributes, words = "") => {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.textContent = words;
    return element;
  };
  const data = JSON.parse(document.getElementById("data").textContent);
  const harms = ["killed", "injured"];
  const count = number => number.toLocaleString("en");
  const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

  // Events: rows of one event made one, as `summary.events` does.
  const widest = tolls => {
    const floors = tolls.map(toll => toll[0]).filter(low => low !== null), tops = tolls.map(toll => toll[1]);
    return [floors.length ? Math.min(...floors) : null, tops.includes(null) ? null : Math.max(...tops)];
  };
  const merged = rows => {
    const days = row => Date.parse(row.end) - Date.parse(row.start);
    const dated = rows.filter(row => row.start).reduce((best, row) => best && days(best) <= days(row) ? best : row, null);
    const event = {
      bin: dated ? dated.bin : -1,
      country: (rows.find(row => row.country) ?? rows[0]).country,
      target: [...new Set(rows.flatMap(row => row.target))],
      outcome: [...new Set(rows.flatMap(row => row.outcome))],
    };
    harms.forEach(harm => {
      const tolls = rows.map(row => row[harm]).filter(Boolean);
      event[harm] = tolls.length ? widest(tolls) : null;
    });
    return event;
  };
  const events = rows => {
    const found = new globalThis.Map();
    rows.forEach((row, number) => {
      const key = row.event ?? number;
      if (found.has(key)) found.get(key).push(row); else found.set(key, [row]);
    });
    return [...found.values()].map(rows => rows.length > 1 ? merged(rows) : rows[0]);
  };

  // Sums of tolls, as `summary.total` and `page._range` have them.
  const sum = (rows, harm) => {
    const tolls = rows.map(row => row[harm]).filter(Boolean);
    const total = { said: tolls.length, low: 0, high: 0, open: 0, without: 0 };
    tolls.forEach(([low, high]) => {
      total.low += low ?? 0;
      total.high += high ?? low ?? 0;
      total.open += high === null;
      total.without += low === null && high === null;
    });
    return total;
  };
  const range = total => {
    if (total.without === total.said) return "no figure";
    const more = total.open ? " or more" : "";
    return total.low === total.high ? `${count(total.low)}${more}`
      : `${count(total.low)} to ${count(total.high)}${more}`;
  };
  const said = (rows, harm) => {
    const total = sum(rows, harm);
    return total.said ? range(total) : "";
  };

  const binned = rows => {
    const bins = data.bins.map(() => []);
    rows.forEach(row => { if (row.bin >= 0) bins[row.bin].push(row); });
    return bins;
  };
  const panel = (figure, values, titles) => {
    const top = Math.max(0, ...values.map(([, high]) => high)), step = 100 / Math.max(values.length, 1);
    const caption = figure.querySelector("figcaption");
    caption.textContent = caption.textContent.replace(/[\d,]+$/, count(top));
    [...figure.querySelector("svg").children].forEach((group, number) => {
      group.querySelectorAll(".more, .least").forEach(element => element.remove());
      const title = group.querySelector("title");
      title.textContent = titles[number];
      [["more", values[number][1]], ["least", values[number][0]]].forEach(([part, value]) => {
        if (value) {
          const height = 100 * value / (top || 1);
          title.before(drawn("rect", {
            class: part, x: `${((number + .1) * step).toFixed(3)}%`, width: `${(.8 * step).toFixed(3)}%`,
            y: `${(100 - height).toFixed(2)}%`, height: `${height.toFixed(2)}%`,
          }));
        }
      });
    });
  };
  const timeline = (section, byReport, byEvent) => {
    section.querySelectorAll(".panel").forEach(figure => {
      if (figure.classList.contains("reports")) {
        const values = data.bins.map((_, n) => [byEvent[n].length, byReport[n].length]);
        const told = ([events, reports], n) =>
          `${data.bins[n]}: ${plural(reports, "report")}, ${plural(events, "event")}`;
        panel(figure, values, values.map(told));
        return;
      }
      const harm = harms.find(name => figure.classList.contains(name));
      const sums = (figure.classList.contains("by-events") ? byEvent : byReport).map(rows => sum(rows, harm));
      const titles = sums.map((total, n) => `${data.bins[n]}: ${total.said ? range(total) : "not said"}`);
      panel(figure, sums.map(total => [total.low, total.high]), titles);
    });
    const lines = data.bins.flatMap((name, n) => {
      if (!byReport[n].length) return [];
      const numbers = [byReport[n], byEvent[n]].map(rows => count(rows.length));
      const tolls = harms.flatMap(harm => [said(byReport[n], harm), said(byEvent[n], harm)]);
      const line = document.createElement("tr"), head = document.createElement("th");
      head.scope = "row";
      head.textContent = name;
      line.append(head, ...[...numbers, ...tolls].map(words => {
        const cell = document.createElement("td");
        cell.textContent = words;
        return cell;
      }));
      return [line];
    });
    section.querySelector("details tbody")?.replaceChildren(...lines);
  };

  const tally = (rows, kind) => {
    const found = new globalThis.Map();
    rows.forEach(row => {
      const values = kind === "country" ? (row.country ? [row.country] : []) : row[kind];
      (values.length ? values : ["-"]).forEach(value => found.set(value, (found.get(value) ?? 0) + 1));
    });
    return value => found.get(value) ?? 0;
  };
  const bars = (table, rows, told) => {
    const kind = table.querySelector("[data-filter]").dataset.filter;
    const reports = tally(rows, kind), events = tally(told, kind);
    const lines = [...table.tBodies[0].rows].map(line => [line, line.querySelector("[data-filter]").dataset.value]);
    const most = Math.max(0, ...lines.map(([, value]) => value === "-" ? 0 : reports(value))) || 1;
    lines.forEach(([line, value]) => {
      const numbers = [reports(value), events(value)];
      line.querySelectorAll("rect").forEach((rect, n) =>
        rect.setAttribute("width", `${(100 * numbers[n] / most).toFixed(2)}%`));
      [...line.cells].slice(2).forEach((cell, n) => { cell.textContent = count(numbers[n]); });
    });
  };
  const countries = (map, rows, told) => {
    const reports = tally(rows, "country"), events = tally(told, "country");
    map.querySelectorAll("path[data-filter]").forEach(path => {
      const name = path.dataset.value, number = reports(name);
      path.setAttribute("class", `s${data.map.limits.filter(limit => limit <= number).length}`);
      path.querySelector("title").textContent =
        `${name}: ${plural(number, "report")}, ${plural(events(name), "event")}`;
    });
  };

  const map = document.getElementById("map"), time = document.querySelector(".time");
  const tables = [...document.querySelectorAll("table.bars")].filter(table => table.querySelector("[data-filter]"));
  const missing = document.getElementById("unplaced");
  const parts = [...time.querySelectorAll(".panel, details tbody"), ...tables.map(table => table.tBodies[0])];
  if (missing) parts.push(missing);
  if (map) parts.push(map.querySelector("g"));
  const first = parts.map(part => [part, part.innerHTML]);
  const follow = rows => {
    if (rows === null) {
      first.forEach(([part, inside]) => { part.innerHTML = inside; });
      return;
    }
    const told = events(rows);
    if (data.bins.length) timeline(time, binned(rows), binned(told));
    tables.forEach(table => bars(table, rows, told));
    if (map) {
      countries(map, rows, told);
      const number = rows.filter(row => row.site < 0).length;
      missing.textContent = `${count(number)} of ${plural(rows.length, "report")} not on the map`;
    }
  };
  return { data, drawn, follow };
})();

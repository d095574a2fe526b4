const tiles = [...document.querySelectorAll(".tile")];
const groups = [...document.querySelectorAll(".group")];

/** Tiles shown of each category before one asks for more. */
const FIRST = 6;
const unfolded = new Set();

/** Position of the enlarged tile among those shown. */
let current = 0;

function byId(id) {
  return document.getElementById(id);
}

/** Sorts the table by the column of a header cell. */
function sortTable(header) {
  const descending = header.getAttribute("aria-sort") !== "descending";
  const column = [...header.parentNode.children].indexOf(header);
  for (const other of header.parentNode.children) {
    other.removeAttribute("aria-sort");
  }
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = document.querySelector(".metrics tbody");
  const value = (row) => row.children[column].dataset.value;
  const compare = (a, b) =>
    column === 0
      ? (value(a) < value(b) ? -1 : 1)
      : Number(value(a)) - Number(value(b));
  const rows = [...body.children].sort(compare);
  body.append(...(descending ? rows.reverse() : rows));
}

function makeSortable(header) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  button.addEventListener("click", () => sortTable(header));
  header.append(button);
}

const ORDERS = {
  wrong: (a, b) =>
    (b.dataset.wrong === "yes") - (a.dataset.wrong === "yes") ||
    ORDERS.high(a, b),
  high: (a, b) => b.dataset.score - a.dataset.score || ORDERS.key(a, b),
  low: (a, b) => a.dataset.score - b.dataset.score || ORDERS.key(a, b),
  key: (a, b) => a.dataset.key < b.dataset.key ? -1 : 1,
};

function orderTiles() {
  for (const group of groups) {
    const list = group.querySelector(".tiles");
    list.append(...[...list.children].sort(ORDERS[byId("order").value]));
  }
  filterTiles();
}

/** Filters are left out of a page whose images they could not tell apart. */
function matches(tile) {
  const label = byId("by-label")?.value ?? "";
  const verdict = byId("by-verdict")?.value ?? "";
  return (label === "" || label === tile.dataset.label) &&
    (verdict === "" || verdict === tile.dataset.verdict) &&
    (!byId("only-wrong")?.checked || tile.dataset.wrong === "yes");
}

/** Shows what matches of one category; returns how many tiles that is. */
function filterGroup(group) {
  const category = byId("by-category").value;
  const here = category === "" || category === `=${group.dataset.category}`;
  const all = unfolded.has(group) || category !== "";
  let matching = 0;
  for (const tile of group.querySelectorAll(".tile")) {
    const match = here && matches(tile);
    matching += match ? 1 : 0;
    tile.hidden = !match || (!all && matching > FIRST);
  }
  group.hidden = matching === 0;
  const more = group.querySelector(".more");
  more.hidden = all || matching <= FIRST;
  more.textContent = `Show ${
    matching - FIRST
  } more of ${group.dataset.category}`;
  return matching;
}

function filterTiles() {
  const matching = groups.reduce((sum, group) => sum + filterGroup(group), 0);
  byId("count").textContent = `${matching} of ${tiles.length} match`;
  byId("nothing").hidden = matching > 0;
}

function unfold(group) {
  const first = group.querySelector(".tile[hidden] .strip");
  unfolded.add(group);
  filterTiles();
  first?.focus({ preventScroll: true });
}

/** Lays the heatmap over a copy of the image, so that it can be faded. */
function layOver(tile) {
  const heatmap = tile.querySelector(".heat img");
  const image = tile.querySelector(".image img").cloneNode();
  image.alt = "";
  heatmap.before(image);
  heatmap.classList.add("over");
}

function fade() {
  const opacity = byId("opacity").value / 100;
  document.documentElement.style.setProperty("--heat", String(opacity));
}

function visibleTiles() {
  return [...document.querySelectorAll(".tile:not([hidden])")];
}

function enlarge(index) {
  const visible = visibleTiles();
  current = (index + visible.length) % visible.length;
  const copies = [...visible[current].children].map((c) => c.cloneNode(true));
  copies[0].disabled = true;
  byId("enlarged").replaceChildren(...copies);
  byId("position").textContent = `${current + 1} of ${visible.length}`;
}

function openTile(tile) {
  enlarge(visibleTiles().indexOf(tile));
  byId("lightbox").showModal();
}

function start() {
  document.querySelectorAll(".sortable").forEach(makeSortable);
  if (tiles.length === 0) return;
  for (const tile of tiles) {
    layOver(tile);
    const strip = tile.querySelector(".strip");
    strip.disabled = false;
    strip.addEventListener("click", () => openTile(tile));
  }
  for (const group of groups) {
    group.querySelector(".more").addEventListener("click", () => unfold(group));
  }
  byId("order").addEventListener("change", orderTiles);
  for (const id of ["by-category", "by-verdict", "by-label", "only-wrong"]) {
    byId(id)?.addEventListener("change", filterTiles);
  }
  byId("opacity").addEventListener("input", fade);
  byId("previous").addEventListener("click", () => enlarge(current - 1));
  byId("next").addEventListener("click", () => enlarge(current + 1));
  byId("close").addEventListener("click", () => byId("lightbox").close());
  byId("lightbox").addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") enlarge(current - 1);
    if (event.key === "ArrowRight") enlarge(current + 1);
  });
  byId("toolbar").hidden = false;
  fade();
  orderTiles();
}

start();

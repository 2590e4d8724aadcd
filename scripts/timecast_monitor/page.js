// SPDX-License-Identifier: MIT
// Asks once a second what is new. Texts come escaped; each part changes only when it differs.
"use strict";
const part = (name) => document.getElementById(name);
const shown = {};
let lastAnswer = new Date();

function fill(name, html) {
  if (shown[name] !== html) part(name).innerHTML = shown[name] = html;
}

// Keeps the elements of what is still there: nobody loses a selection or hears an alarm twice.
function fillList(name, tag, kind, items) {
  const list = part(name);
  const known = new Map([...list.children].map((child) => [child.dataset.id, child]));
  items.forEach(([id, html], index) => {
    let child = known.get(String(id));
    known.delete(String(id));
    if (!child) {
      child = document.createElement(tag);
      child.className = kind;
      child.dataset.id = id;
    }
    if (child.source !== html) child.innerHTML = child.source = html;
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] || null);
  });
  known.forEach((child) => child.remove());
}

function show(state) {
  for (const name of ["headline", "notes", "estimate", "offsets"]) fill(name, state[name]);
  fillList("cards", "article", "card", state.cards);
  fillList("alarms", "li", "", state.alarms);
  part("notes").hidden = !state.notes;
  part("none").hidden = state.alarms.length > 0;
}

async function update() {
  try {
    const answer = await fetch("live", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    lastAnswer = new Date();
    part("lost").hidden = true;
  } catch (error) {
    part("lost").textContent =
      `timecast-monitor has not answered since ${lastAnswer.toLocaleTimeString()}: what is shown is old.`;
    part("lost").hidden = false;
  }
  setTimeout(update, 1000);
}
update();

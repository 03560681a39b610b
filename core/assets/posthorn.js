// What a page does besides links and forms. Every page works without it; nothing here makes markup of text.

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/* Theme: the button goes from "as the system" to light to dark. */
const system = matchMedia('(prefers-color-scheme: dark)');
function applyTheme(wanted) {
  root.dataset.phTheme = wanted;
  root.dataset.bsTheme = wanted === 'dark' || (wanted === 'auto' && system.matches) ? 'dark' : 'light';
}
function chooseTheme(wanted) {
  try {
    localStorage.setItem('ph-theme', wanted);
  } catch {
    // No storage: it lasts as long as this page.
  }
  applyTheme(wanted);
}
system.addEventListener('change', () => applyTheme(root.dataset.phTheme));
const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };

/* Side bar on phones: `#menu` opens it without a script; with one the address stays and the focus moves. */
let opener;
function openMenu(from) {
  opener = from;
  root.classList.add('ph-menu-is-open');
  document.getElementById('menu')?.focus();
}
function closeMenu() {
  if (!root.classList.contains('ph-menu-is-open')) return;
  root.classList.remove('ph-menu-is-open');
  opener?.focus();
}

/* Command palette. */
const palette = document.querySelector('[data-ph-palette-dialog]');
const input = palette?.querySelector('[data-ph-palette-input]');
const results = palette?.querySelector('[role=listbox]');
let asked = 0;
let isServed = true;

const menuEntries = () =>
  all('.ph-side-link, .ph-popup-list a').map((link) => ({
    label: (link.querySelector('.ph-side-label') ?? link).textContent.trim(),
    href: link.getAttribute('href'),
  }));

function showResults(entries) {
  results.replaceChildren(
    ...entries.slice(0, 20).map((entry, i) => {
      const item = document.createElement('li');
      item.id = `ph-palette-${i}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', String(i === 0));
      item.dataset.href = entry.href;
      item.textContent = entry.label;
      if (entry.text) {
        const more = document.createElement('span');
        more.className = 'ph-quiet';
        more.textContent = entry.text;
        item.append(' ', more);
      }
      return item;
    }),
  );
  if (entries.length === 0) {
    const none = document.createElement('li');
    none.className = 'ph-quiet';
    none.setAttribute('role', 'option');
    none.setAttribute('aria-disabled', 'true');
    none.textContent = results.dataset.phNone;
    results.append(none);
  }
  input.setAttribute('aria-expanded', String(entries.length > 0));
  mark(0);
}

function mark(index) {
  const items = all('[aria-selected]', results);
  items.forEach((item, i) => {
    item.setAttribute('aria-selected', String(i === index));
  });
  items[index]?.scrollIntoView({ block: 'nearest' });
  if (items[index]) input.setAttribute('aria-activedescendant', items[index].id);
  else input.removeAttribute('aria-activedescendant');
}

async function lookUp() {
  asked += 1;
  const turn = asked;
  const text = input.value.trim();
  const near = menuEntries().filter((entry) => entry.label.toLowerCase().includes(text.toLowerCase()));
  showResults(near);
  if (text.length < 2 || !isServed) return;
  try {
    const answer = await fetch(`/palette/?q=${encodeURIComponent(text)}`, { headers: { Accept: 'application/json' } });
    if (answer.status === 404) isServed = false;
    if (!answer.ok) return;
    const found = await answer.json();
    // Only places of ours: what is listed gets clicked.
    const ours = (Array.isArray(found) ? found : (found.items ?? [])).filter(
      (entry) =>
        typeof entry.href === 'string' &&
        /^\/(?![/\\])/.test(entry.href) &&
        !near.some((one) => one.href === entry.href),
    );
    if (turn === asked) showResults([...near, ...ours]);
  } catch {
    // Away or not there: the menu's own entries stay.
  }
}

let wait;
input?.addEventListener('input', () => {
  clearTimeout(wait);
  wait = setTimeout(lookUp, 120);
});
input?.addEventListener('keydown', (event) => {
  const items = all('[aria-selected]', results);
  const now = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const step = event.key === 'ArrowDown' ? 1 : -1;
    if (items.length > 0) mark((now + step + items.length) % items.length);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    items[now]?.click();
  }
});
function openPalette() {
  if (!palette || palette.open) return;
  input.value = '';
  palette.showModal();
  input.focus();
  void lookUp();
}

/* Confirmation: `data-ph-sure="question"` on a button asks before its form is sent. */
const ask = document.querySelector('[data-ph-ask]');
function askFirst(event, button) {
  if (!ask || button.dataset.phAnswered === 'yes') return;
  event.preventDefault();
  ask.querySelector('[data-ph-ask-text]').textContent = button.dataset.phSure;
  ask.returnValue = '';
  ask.addEventListener(
    'close',
    () => {
      if (ask.returnValue !== 'yes') return;
      button.dataset.phAnswered = 'yes';
      button.form ? button.form.requestSubmit(button) : button.click();
      delete button.dataset.phAnswered;
    },
    { once: true },
  );
  ask.showModal();
}

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const within = (selector) => target.closest(selector);
  if (within('[data-ph-theme-next]')) chooseTheme(NEXT[root.dataset.phTheme] ?? 'light');
  const opens = within('[data-ph-menu-open]');
  if (opens) {
    event.preventDefault();
    openMenu(opens);
  }
  if (within('[data-ph-menu-close]')) {
    event.preventDefault();
    if (location.hash === '#menu') location.hash = '#main';
    closeMenu();
  }
  if (within('[data-ph-palette-open]')) openPalette();
  if (target === palette) palette.close();
  const found = within('[data-href]');
  if (found) location.assign(found.dataset.href);
  within('[data-ph-dismiss]')?.closest('[data-ph-flash]')?.remove();
  const mistake = within('[data-ph-summary] a');
  const field = mistake && document.getElementById(mistake.hash.slice(1));
  if (field) {
    event.preventDefault();
    field.closest('[data-ph-panel]')?.dispatchEvent(new CustomEvent('ph:show', { bubbles: true }));
    field.focus();
  }
  const sure = within('[data-ph-sure]');
  if (sure) askFirst(event, sure);
  for (const popup of all('details[data-ph-popup][open]')) if (!popup.contains(target)) popup.open = false;
});

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
  }
  if (event.key !== 'Escape') return;
  closeMenu();
  for (const popup of all('details[data-ph-popup][open]')) {
    popup.open = false;
    popup.querySelector('summary')?.focus();
  }
});

/* What somebody saves for every machine wins over what was chosen on this one. */
document.addEventListener('submit', (event) => {
  if (!(event.target instanceof Element) || !event.target.matches('[data-ph-preferences]')) return;
  try {
    localStorage.removeItem('ph-theme');
  } catch {
    // No storage: there was no choice either.
  }
});

/* What belongs to forms and tables. Runs again for parts that were replaced, and leaves alone what it knows. */
const known = new WeakSet();
function start(within) {
  const fresh = (selector) => all(selector, within).filter((one) => !known.has(one) && known.add(one));
  for (const form of fresh('[data-ph-bulk]')) bulk(form);
  for (const form of fresh('[data-ph-form]')) formTabs(form);
  for (const form of fresh('[data-ph-filters]')) {
    for (const select of all('select', form)) select.addEventListener('change', () => form.requestSubmit());
  }
  for (const input of fresh('[data-ph-expected]')) expected(input);
  for (const input of fresh('[data-ph-colour]')) colourSample(input);
  if (all('[data-ph-if]', within).length > 0) conditions();
  fresh('[data-ph-summary]')[0]?.focus();
}

function bulk(form) {
  const boxes = () => all('tbody .ph-check input', form);
  const head = form.querySelector('[data-ph-all]');
  const update = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    const everything = form.querySelector('input[name=all]');
    if (everything && chosen === 0) everything.checked = false;
    form.classList.toggle('ph-has-chosen', chosen > 0);
    form.querySelector('[data-ph-count]').textContent = String(chosen);
    if (head) {
      head.checked = chosen > 0 && chosen === boxes().length;
      head.indeterminate = chosen > 0 && chosen < boxes().length;
    }
  };
  form.addEventListener('change', (event) => {
    if (event.target === head) for (const box of boxes()) box.checked = head.checked;
    update();
  });
  update();
}

/* The links to the parts of a form become tabs (WAI-ARIA: tabs). */
function formTabs(form) {
  const list = form.querySelector('[data-ph-tabs]');
  if (!list) return;
  const links = all('a', list);
  const panels = links.map((link) => document.getElementById(link.hash.slice(1)));
  if (panels.includes(null)) return;
  form.classList.add('ph-is-tabbed');
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', list.parentElement.getAttribute('aria-label') ?? '');
  list.parentElement.setAttribute('role', 'presentation');
  list.parentElement.removeAttribute('aria-label');
  const show = (index) => {
    links.forEach((link, i) => {
      link.setAttribute('aria-selected', String(i === index));
      link.tabIndex = i === index ? 0 : -1;
      panels[i].hidden = i !== index;
    });
  };
  links.forEach((link, i) => {
    link.parentElement.setAttribute('role', 'presentation');
    link.setAttribute('role', 'tab');
    link.id ||= `${panels[i].id}-tab`;
    link.setAttribute('aria-controls', panels[i].id);
    panels[i].setAttribute('role', 'tabpanel');
    panels[i].setAttribute('aria-labelledby', link.id);
    link.addEventListener('click', (event) => {
      event.preventDefault();
      history.replaceState(null, '', link.hash);
      show(i);
    });
    link.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const way = step * (root.dir === 'rtl' ? -1 : 1);
      let next = i;
      do next = (next + way + links.length) % links.length;
      while (links[next].parentElement.hidden);
      show(next);
      links[next].focus();
    });
    panels[i].addEventListener('ph:show', () => show(i));
  });
  const named = panels.findIndex((panel) => `#${panel.id}` === location.hash);
  const wrong = links.findIndex((link) => link.hasAttribute('data-ph-wrong'));
  show(wrong >= 0 ? wrong : Math.max(named, 0));
}

/* Typed confirmation: the button works once the words are right. The server asks again. */
function expected(input) {
  const button = input.form?.querySelector('button[type=submit]');
  const update = () => {
    const isRight = input.value.trim().toLowerCase() === input.dataset.phExpected.toLowerCase();
    if (button) button.disabled = !isRight;
  };
  input.addEventListener('input', update);
  update();
}

/* A sample of white text on the colour that is typed, with its contrast (WCAG 2.2). The server decides. */
function colourSample(input) {
  const part = (hex) => {
    const share = Number.parseInt(hex, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const said = input.parentElement.querySelector('output');
  const area = input.parentElement.querySelector('rect');
  input.addEventListener('input', () => {
    const colour = input.value.trim();
    const [, red, green, blue] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour) ?? [];
    area.setAttribute('fill', red ? colour : 'none');
    said.textContent = '';
    if (!red) return;
    const ratio = 1.05 / (0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue) + 0.05);
    const text = ratio >= 4.5 ? said.dataset.phFits : said.dataset.phFails;
    said.textContent = text.replace('{ratio}', (Math.floor(ratio * 10) / 10).toLocaleString(root.lang));
  });
}

/* Fields that matter only while another one has a certain value. */
function conditions() {
  const update = () => {
    for (const field of all('[data-ph-if]')) {
      const other = document.getElementsByName(field.dataset.phIf)[0];
      if (!other) continue;
      const value = other.type === 'checkbox' ? String(other.checked) : other.value;
      const isHidden = other.closest('[data-ph-if]')?.hidden === true;
      field.hidden = isHidden || !JSON.parse(field.dataset.phIs).includes(value);
    }
  };
  document.addEventListener('change', update);
  update();
}

start(document);
document.addEventListener('htmx:after:settle', ({ detail }) => {
  for (const node of detail.newContent) if (node instanceof Element) start(node);
});

// Takes the reader through the steps of a form one after another; without it they stand below each other. Runs after
// posthorn.js, whose conditions it relies on.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function wizard(form) {
  const items = all('[data-ph-steps] > li', form);
  const links = items.map((item) => item.querySelector('a'));
  const panels = links.map((link) => document.getElementById(link.hash.slice(1)));
  const back = form.querySelector('[data-ph-back]');
  const next = form.querySelector('[data-ph-next]');
  const finish = form.querySelector('.ph-savebar button[type=submit]:not([data-ph-next])');
  if (panels.includes(null)) return;
  form.classList.add('ph-is-stepped');

  let now = 0;
  /* The furthest step that may be opened. */
  let reached = 0;
  let isBusy = false;

  /* As the server decides: by a field that is shown, in a step that is taken itself. */
  const isTaken = (panel) => {
    const { phOnlyIf, phOnlyIs } = panel.dataset;
    if (phOnlyIf === undefined) return true;
    const field = document.getElementsByName(phOnlyIf)[0];
    if (!field || field.closest('[data-ph-if]')?.hidden || !isTaken(field.closest('[data-ph-panel]'))) return false;
    return JSON.parse(phOnlyIs).includes(field.type === 'checkbox' ? String(field.checked) : field.value);
  };
  const taken = () => panels.flatMap((panel, i) => (isTaken(panel) ? [i] : []));

  function draw() {
    const steps = taken();
    const isNew = (i) => items[i].hidden && i < reached;
    reached = Math.min(reached, steps.find(isNew) ?? reached);
    items.forEach((item, i) => {
      item.hidden = !steps.includes(i);
      item.dataset.phState = i === now ? 'now' : i < reached ? 'done' : 'coming';
      if (i === now) links[i].setAttribute('aria-current', 'step');
      else links[i].removeAttribute('aria-current');
      if (i <= reached) links[i].setAttribute('href', `#${panels[i].id}`);
      else links[i].removeAttribute('href');
      panels[i].hidden = i !== now;
    });
    const count = panels[now].querySelector('[data-ph-step-count]');
    count.textContent = count.dataset.phStepCount
      .replace('{step}', steps.indexOf(now) + 1)
      .replace('{total}', steps.length);
    back.hidden = now === steps[0];
    next.hidden = now === steps.at(-1);
    finish.hidden = !next.hidden;
  }

  function open(step) {
    now = step;
    reached = Math.max(reached, step);
    draw();
    if (form.getBoundingClientRect().top < 0) form.scrollIntoView();
    panels[now].querySelector('.ph-panel-title').focus({ preventScroll: true });
  }

  /* What the browser itself can see: required fields that are empty. */
  function isComplete(panel) {
    const empty = all('input, select, textarea', panel).filter(
      (field) => field.checkVisibility() && !field.validity.valid,
    );
    for (const field of empty) {
      if (field.getAttribute('aria-invalid') === 'true') continue;
      const error = form.querySelector('[data-ph-empty]').content.firstElementChild.cloneNode(true);
      error.id = `${field.id}-error`;
      field.closest('.ph-field').append(error);
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', `${field.getAttribute('aria-describedby') ?? ''} ${error.id}`.trim());
      field.classList.add('is-invalid');
    }
    empty[0]?.focus();
    return empty.length === 0;
  }

  /* Takes over what the server says about the steps up to one. The inputs stay: secrets are in no answer. */
  function showAnswer(answered, last) {
    for (const panel of panels.slice(0, last + 1)) {
      for (const field of all('.ph-field [name]', panel)) {
        const theirs = answered.querySelector(`#${CSS.escape(field.id)}`);
        const error = theirs?.closest('.ph-field').querySelector('.ph-error');
        field.closest('.ph-field').querySelector('.ph-error')?.remove();
        if (error) field.closest('.ph-field').append(error);
        field.classList.toggle('is-invalid', theirs?.classList.contains('is-invalid') === true);
        for (const name of ['aria-invalid', 'aria-describedby']) {
          const value = theirs?.getAttribute(name);
          if (value) field.setAttribute(name, value);
          else field.removeAttribute(name);
        }
      }
    }
    all('[data-ph-steps] > li', answered).forEach((item, i) => {
      items[i]?.toggleAttribute('data-ph-wrong', item.hasAttribute('data-ph-wrong'));
    });
    const summary = answered.querySelector('[data-ph-summary]');
    if (!summary) return;
    form.querySelector('.ph-form-body').prepend(summary);
    const wrong = items.findIndex((item) => item.hasAttribute('data-ph-wrong'));
    if (wrong >= 0 && wrong !== now) open(wrong);
    form.querySelector('[data-ph-summary]').focus();
  }

  /* Asks the server whether the steps up to this one are right; it saves nothing. */
  async function isRight(last) {
    form.querySelector('.ph-form-body > .ph-alert')?.remove();
    const body = new URLSearchParams(new FormData(form));
    body.set('_step', panels[last].dataset.phStep);
    try {
      const headers = { Accept: 'text/html', 'HX-Request': 'true' };
      const answer = await fetch(form.getAttribute('action'), { method: 'POST', body, headers, redirect: 'error' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const answered = page.querySelector('[data-ph-wizard]');
      if (!answered) throw new Error(`answered ${answer.status}`);
      showAnswer(answered, last);
      return answer.ok;
    } catch {
      const alert = form.querySelector('[data-ph-unchecked]').content.firstElementChild.cloneNode(true);
      form.querySelector('.ph-form-body').prepend(alert);
      return false;
    }
  }

  /* Forward to a step; without one, to the end. */
  async function advance(to) {
    if (isBusy || !isComplete(panels[now])) return;
    isBusy = true;
    form.setAttribute('aria-busy', 'true');
    const isFine = await isRight(taken().findLast((step) => to === undefined || step < to));
    form.removeAttribute('aria-busy');
    // While it is being sent it stays busy: a second click must not send it twice.
    if (isFine && to === undefined) return HTMLFormElement.prototype.submit.call(form);
    isBusy = false;
    if (isFine && taken().includes(to)) open(to);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void advance(taken().find((step) => step > now));
  });
  back.addEventListener('click', () => open(taken().findLast((step) => step < now)));
  links.forEach((link, i) => {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      if (i > reached || i === now) return;
      if (i < now) open(i);
      else void advance(i);
    });
    panels[i].addEventListener('ph:show', () => open(i));
  });
  document.addEventListener('change', draw);
  // Back from the next page, as it was left.
  addEventListener('pageshow', () => {
    isBusy = false;
  });

  // Sent and refused: everything was filled in, so every step may be opened.
  const isRefused = form.querySelector('[data-ph-summary]') !== null;
  const wrong = items.findIndex((item) => item.hasAttribute('data-ph-wrong'));
  reached = isRefused ? items.length - 1 : 0;
  now = wrong >= 0 ? wrong : (taken().at(isRefused ? -1 : 0) ?? 0);
  draw();
}

for (const form of all('[data-ph-wizard]')) wizard(form);
document.addEventListener('htmx:after:swap', (event) => {
  if (event.target instanceof Element) for (const form of all('[data-ph-wizard]', event.target)) wizard(form);
});

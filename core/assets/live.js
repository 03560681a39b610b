// Lists that change in place. htmx asks for the results and puts them in; here stands what a reader keeps meanwhile:
// his place, what he hears, and the plain links and forms where that does not work.

const main = document.getElementById('main');
const MESSAGE = '[data-ph-found-aloud]';
const isList = (ctx) => ctx.selectOOB === '[data-ph-results]';
const results = () => [...main.querySelectorAll('[data-ph-results]')];

/** The request whose answer is being put in, and the last one that was. */
let present;
let wasTyped = false;

function say(text, isShown = false) {
  const message = main.querySelector(MESSAGE);
  if (!message) return;
  message.textContent = text;
  message.classList.toggle('visually-hidden', !isShown);
}

/** What was clicked goes its way as if there were no script. Who is typing is not taken away: Enter does that. */
function goPlainly(ctx) {
  if (ctx.isTyped) {
    ctx.sourceElement.dataset.phPlain = '';
    say(main.querySelector(MESSAGE).dataset.phFailed, true);
  } else {
    location.assign(ctx.request.action);
  }
}

document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  if (!isList(ctx)) return;
  ctx.isTyped = ctx.sourceEvent.type === 'input';
  // What is not asked for need not stand in the address.
  for (const [name, value] of [...ctx.request.body]) if (value === '') ctx.request.body.delete(name);
});
document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (isList(ctx)) for (const part of results()) part.setAttribute('aria-busy', 'true');
});
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  if (isList(ctx)) for (const part of results()) part.removeAttribute('aria-busy');
});

document.addEventListener('htmx:after:request', (event) => {
  const { ctx } = event.detail;
  present = undefined;
  // To the sign-in page, which htmx does.
  if (ctx.hx.redirect) return;
  const isAnswer = ctx.response.status < 400 && !ctx.response.raw.redirected;
  if (isList(ctx)) {
    if (isAnswer && ctx.text.includes('data-ph-results')) present = ctx;
    else {
      event.preventDefault();
      goPlainly(ctx);
    }
  } else if (ctx.request.headers['HX-History-Restore-Request'] && !isAnswer) {
    event.preventDefault();
    location.reload();
  } else if (ctx.selectOOB && !isAnswer) {
    // A part that refreshes itself: what is shown stays, and the next attempt may work.
    event.preventDefault();
  }
});
document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
  if (ctx && isList(ctx)) goPlainly(ctx);
});

// A word that is typed is one step of the history, however many requests it took.
document.addEventListener('htmx:before:history:update', ({ detail }) => {
  if (!present) return;
  const isSame = new URL(detail.history.path, location.href).href === location.href;
  if (isSame || (present.isTyped && wasTyped)) detail.history.type = 'replace';
  wasTyped = present.isTyped === true;
});

document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  if (!isList(ctx)) return;
  say(results().findLast((part) => part.dataset.phFound)?.dataset.phFound ?? '');
  if (ctx.isTyped || ctx.sourceEvent.type === 'submit') return;
  // The link that was followed is gone where it led to the last page: the table is the nearest place.
  if (document.activeElement === document.body) main.querySelector('.ph-table-scroll')?.focus({ preventScroll: true });
  const [first] = results().filter((part) => part.dataset.phFound);
  if (first?.getBoundingClientRect().top < 0) first.scrollIntoView();
});

document.addEventListener(
  'click',
  (event) => {
    const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    // For another tab or window; htmx would stop it.
    if (isElsewhere && event.target instanceof Element && event.target.closest('a[hx-get]')) event.stopPropagation();
  },
  true,
);
for (const type of ['submit', 'input']) {
  document.addEventListener(
    type,
    (event) => {
      const form = event.target instanceof Element ? event.target.closest('form') : null;
      if (form?.dataset.phPlain !== undefined) event.stopPropagation();
    },
    true,
  );
}

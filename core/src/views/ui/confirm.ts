import { messages } from '@posthorn/sdk';
import { formAction, href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { hiddenFields } from './hidden-fields.js';
import { icon } from './icon.js';

const t = messages('host');

export interface ConfirmOptions {
  readonly action: string;
  readonly title: string;
  readonly text: string | SafeHtml | readonly (string | SafeHtml)[];
  /** What has to be typed before it can be sent; sent as `confirmation`. The server checks it too. */
  readonly expected?: string;
  /** More fields, for instance what to keep. */
  readonly body?: SafeHtml;
  readonly submit: string;
  readonly token?: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly cancel?: string;
}

/** Asks before something that cannot be undone. */
export function confirm(env: UiEnvironment, o: ConfirmOptions): SafeHtml {
  const expected = o.expected;
  return html`<form class="card ph-card ph-confirm" method="post" action="${formAction(o.action)}" data-ph-confirm><div class="card-body"><div class="ph-confirm-head"><span class="ph-round ph-danger">${icon(env, 'alert-triangle')}</span><div><h2 class="card-title">${o.title}</h2><div class="ph-quiet">${o.text}</div></div></div>${hiddenFields(o.token ?? env.csrf, o.hidden)}${o.body}${
    expected !== undefined &&
    html`<div class="ph-field"><label class="form-label" for="ph-confirm">${env.t(t('Type this to go on:'))} <code>${expected}</code></label><input class="form-control" id="ph-confirm" name="confirmation" required autocomplete="off" autocapitalize="none" spellcheck="false" data-ph-expected="${expected}"></div>`
  }</div><div class="card-footer ph-actions"><button class="btn btn-danger" type="submit">${o.submit}</button>${
    o.cancel !== undefined &&
    html`<a class="btn btn-ghost-secondary" href="${href(o.cancel)}">${env.t(t('Cancel'))}</a>`
  }</div></form>`;
}

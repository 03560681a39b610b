import { html, type SafeHtml } from '../safe-html.js';

/** The token against forged requests, and what else a form sends unseen. */
export const hiddenFields = (token: string, values: Readonly<Record<string, string>> = {}): SafeHtml =>
  html`<input type="hidden" name="_token" value="${token}">${Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}`;

import { type FieldModel, messages } from '@posthorn/sdk';
import { COLOUR, carriesWhite, ENOUGH, shownContrast } from '../../parameters/colour.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import { formatNumber, type UiEnvironment } from './environment.js';
import { icon } from './icon.js';

const t = messages('host');

/** One field of a form with its label, help and mistake, tied together for screen readers. */
export function field(env: UiEnvironment, model: FieldModel): SafeHtml {
  const described = [
    model.help === '' ? '' : `${model.id}-help`,
    model.isSet === undefined ? '' : `${model.id}-state`,
    model.error === '' ? '' : `${model.id}-error`,
  ]
    .filter((id) => id !== '')
    .join(' ');
  const shared = html` id="${model.id}" name="${model.name}"${attribute('aria-describedby', described === '' ? undefined : described)}${attribute('aria-invalid', model.error === '' ? undefined : 'true')}`;
  const isWide = model.kind === 'text' || model.kind === 'list' || model.kind === 'boolean';
  return html`<div class="ph-field${isWide ? ' ph-wide' : ''}"${condition(model)}>${
    model.kind === 'boolean' ? toggle(model, shared) : html`${label(env, model)}${control(env, model, shared)}`
  }${model.isSet !== undefined && secretState(env, model)}${model.help !== '' && html`<div class="ph-help" id="${model.id}-help">${model.help}</div>`}${
    model.error !== '' &&
    html`<div class="ph-error" id="${model.id}-error">${icon(env, 'alert-circle')}<span>${model.error}</span></div>`
  }${
    model.theirs !== undefined &&
    html`<div class="ph-theirs">${icon(env, 'users')}<span>${env.t(t('Saved meanwhile:'))} <strong>${model.theirs === '' ? env.t(t('(empty)')) : model.theirs}</strong></span></div>`
  }</div>`;
}

/** For the script: shown only while another field of the same part has one of these values. */
function condition(model: FieldModel): SafeHtml | false {
  const when = model.condition;
  if (when === undefined) return false;
  const part = model.name.slice(0, model.name.lastIndexOf('.') + 1);
  const other = when.field.includes('.') ? when.field : `${part}${when.field}`;
  return html` data-ph-if="${other}" data-ph-is="${JSON.stringify(when.is.map(String))}"`;
}

/** Whether there is a secret, and the box that takes it away. */
const secretState = (env: UiEnvironment, model: FieldModel): SafeHtml =>
  html`<div class="ph-help" id="${model.id}-state">${
    model.isSet === true ? env.t(t('Set. Leave it empty to keep it.')) : env.t(t('Not set.'))
  }</div>${
    model.clears !== undefined &&
    html`<label class="form-check"><input class="form-check-input" type="checkbox" name="${model.clears}" value="true"><span class="form-check-label">${env.t(t('Remove: {{label}}', { label: model.label }))}</span></label>`
  }`;

const label = (env: UiEnvironment, model: FieldModel): SafeHtml =>
  html`<label class="form-label" for="${model.id}">${model.label}${
    model.isRequired &&
    html`<span class="ph-required" title="${env.t(t('required'))}"><span aria-hidden="true">*</span><span class="visually-hidden"> (${env.t(t('required'))})</span></span>`
  }</label>`;

const toggle = (model: FieldModel, shared: SafeHtml): SafeHtml =>
  html`<label class="ph-switch"><input class="form-check-input" type="checkbox" role="switch" value="true"${shared}${attribute('checked', model.value === 'true')}><span>${model.label}</span></label>`;

function control(env: UiEnvironment, model: FieldModel, shared: SafeHtml): SafeHtml {
  const look = `form-control${model.error === '' ? '' : ' is-invalid'}`;
  const required = attribute('required', model.isRequired);
  switch (model.kind) {
    case 'choice':
      return html`<select class="form-select${model.error === '' ? '' : ' is-invalid'}"${shared}>${model.choices.map(
        (choice) =>
          html`<option value="${choice.value}"${attribute('selected', choice.value === model.value)}>${choice.label}</option>`,
      )}</select>`;
    // A line end right after the tag is not part of the text, so one is put there.
    case 'text':
    case 'list':
      return html`<textarea class="${look}" rows="${model.kind === 'list' ? 3 : 5}"${shared}${required}>
${model.value}</textarea>`;
    case 'colour':
      return html`<div class="ph-colour"><input class="${look}" type="text" autocomplete="off" spellcheck="false" maxlength="7" value="${model.value}" data-ph-colour${shared}${required}>${sample(env, model)}</div>`;
    case 'secret':
      return html`<input class="${look}" type="password" autocomplete="new-password"${shared}${required}>`;
    default:
      return unit(
        model,
        html`<input class="${look}" ${attributesOf(model)} value="${model.value}"${shared}${required}>`,
      );
  }
}

/** Mistakes are ours to explain, in the reader's language: the browser helps with the keyboard, not with bubbles. */
function attributesOf(model: FieldModel): SafeHtml {
  switch (model.kind) {
    case 'integer':
      return html`type="text" inputmode="numeric" autocomplete="off"`;
    case 'email':
      return html`type="text" inputmode="email" autocapitalize="none" spellcheck="false"`;
    case 'hostname':
      return html`type="text" inputmode="url" autocapitalize="none" spellcheck="false"`;
    default:
      return html`type="text"`;
  }
}

/** White text on the colour, and how well it can be read. The script keeps both up to date while somebody types. */
function sample(env: UiEnvironment, model: FieldModel): SafeHtml {
  const isColour = COLOUR.test(model.value);
  const fits = t('contrast {{ratio}}:1, enough');
  const fails = t('contrast {{ratio}}:1, needs {{enough}}:1', { enough: formatNumber(env, ENOUGH) });
  const say = (text: typeof fits, ratio: number | string) => env.t({ ...text, args: { ...text.args, ratio } });
  const said = carriesWhite(model.value) ? fits : fails;
  const words = html`data-ph-fits="${say(fits, '{ratio}')}" data-ph-fails="${say(fails, '{ratio}')}"`;
  return html`<svg class="ph-sample" viewBox="0 0 96 36" width="96" height="36" aria-hidden="true"><rect width="96" height="36" rx="6" fill="${isColour ? model.value : 'none'}"/><text x="48" y="23" text-anchor="middle" fill="#ffffff">${env.t(t('Sample'))}</text></svg><output class="ph-quiet" for="${model.id}" ${words}>${isColour ? say(said, formatNumber(env, shownContrast(model.value))) : ''}</output>`;
}

const unit = (model: FieldModel, input: SafeHtml): SafeHtml =>
  model.unit === ''
    ? input
    : html`<div class="ph-unit">${input}<span class="ph-unit-name" aria-hidden="true">${model.unit}</span></div>`;

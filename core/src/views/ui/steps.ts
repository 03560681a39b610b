import { type FormModelTab, messages } from '@posthorn/sdk';
import { panelId } from '../../forms/tab-list.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';

const t = messages('host');

/**
 * The steps of a wizard in their order. Without a script they lead to the sections below; with one they say which is
 * done, which is open and which are to come.
 */
export const stepper = (env: UiEnvironment, steps: readonly FormModelTab[]): SafeHtml =>
  html`<nav class="ph-steps" aria-label="${env.t(t('Steps'))}"><ol data-ph-steps>${steps.map(
    (step) =>
      html`<li class="ph-step"${attribute('data-ph-wrong', step.hasIssues)}><a class="ph-step-link" href="#${panelId(step.id)}"><span class="ph-step-mark" aria-hidden="true">${icon(env, 'check')}${icon(env, 'alert-circle')}</span><span class="ph-step-name">${step.title}</span><span class="visually-hidden ph-step-done">(${env.t(t('done'))})</span><span class="visually-hidden ph-step-wrong">(${env.t(t('has a problem'))})</span></a></li>`,
  )}</ol></nav>`;

/** The script counts again when steps come and go, with the pattern that stands beside the count. */
export const stepTitle = (env: UiEnvironment, title: string, step: number, total: number): SafeHtml => {
  const count = (args: { readonly step: string | number; readonly total: string | number }): string =>
    env.t(t('Step {{step}} of {{total}}', args));
  return html`<h2 class="ph-panel-title" tabindex="-1"><span class="ph-step-count" data-ph-step-count="${count({ step: '{step}', total: '{total}' })}">${count({ step, total })}</span> ${title}</h2>`;
};

/** For the script: the step is there only while a field of an earlier one has one of these values. */
export const onlyIf = ({ condition }: FormModelTab): SafeHtml | false =>
  condition !== undefined &&
  html` data-ph-only-if="${condition.field}" data-ph-only-is="${JSON.stringify(condition.is.map(String))}"`;

/** Without a script a tab or step cannot come and go, so it says when it counts. */
export function stepConditionHint(
  env: UiEnvironment,
  steps: readonly FormModelTab[],
  { condition }: FormModelTab,
): SafeHtml | false {
  const fields = steps.flatMap(({ sections }) => sections.flatMap((section) => section.fields));
  const field = fields.find(({ name }) => name === condition?.field);
  if (condition === undefined || field === undefined) return false;
  const { label, choices } = field;
  const named = condition.is.map((value) => choices.find((choice) => choice.value === value)?.label ?? String(value));
  const text =
    field.kind !== 'boolean'
      ? t('This part counts only where “{{label}}” is: {{values}}.', { label, values: named.join(', ') })
      : condition.is.includes(true)
        ? t('This part counts only where “{{label}}” is ticked.', { label })
        : t('This part counts only where “{{label}}” is not ticked.', { label });
  return html`<p class="ph-section-text ph-nojs-only">${env.t(text)}</p>`;
}

/** What the script needs beside the button that sends the form: ways on and back, and what it says by itself. */
export const stepButtons = (env: UiEnvironment): SafeHtml =>
  html`<template data-ph-empty><div class="ph-error">${icon(env, 'alert-circle')}<span>${env.t(t('is required'))}</span></div></template><template data-ph-unchecked><div class="ph-alert ph-danger" role="alert">${icon(env, 'alert-circle')}<div class="ph-alert-body">${env.t(
    t('This step could not be checked: the server does not answer, or you are no longer signed in. Nothing is lost.'),
  )}</div></div></template><button class="btn ph-js-only" type="button" data-ph-back hidden>${icon(env, 'arrow-left')}${env.t(t('Back'))}</button><button class="btn btn-primary ph-js-only" type="submit" data-ph-next>${env.t(t('Next'))}${icon(env, 'arrow-right')}</button>`;

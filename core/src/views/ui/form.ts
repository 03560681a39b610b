import { type FormModel, type FormModelTab, messages } from '@posthorn/sdk';
import { panelId } from '../../forms/tab-list.js';
import { formAction, href } from '../href.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import { alert } from './alert.js';
import type { UiEnvironment } from './environment.js';
import { field } from './field.js';
import { hiddenFields } from './hidden-fields.js';
import { icon } from './icon.js';
import { onlyIf, stepButtons, stepConditionHint, stepper, stepTitle } from './steps.js';

const t = messages('host');

/**
 * Says which tabs the form held, for those that send nothing else (boxes that are not ticked). In one field: one that is
 * sent twice is refused. A form of one shape has no such names.
 */
function sentTabs(tabs: readonly FormModelTab[]): Readonly<Record<string, string>> {
  const isSent = (tab: FormModelTab): boolean =>
    tab.sections.some((section) => section.fields.some((one) => one.name.startsWith(`${tab.id}.`)));
  const ids = tabs.filter(isSent).map((tab) => tab.id);
  return ids.length === 0 ? {} : { _sent: ids.join(' ') };
}

/**
 * A whole form. Without a script all its tabs stand below each other under their titles; with one they are tabs, or steps
 * that are gone through one after another. All are sent together either way.
 */
export function form(env: UiEnvironment, model: FormModel, token?: string): SafeHtml {
  const several = model.tabs.length > 1;
  const isWizard = several && model.layout === 'steps';
  const hidden = { ...(model.version === '' ? {} : { _version: model.version }), ...sentTabs(model.tabs) };
  return html`<form class="card ph-form" method="post" action="${formAction(model.action)}" novalidate data-ph-form${attribute('data-ph-wizard', isWizard)}>${hiddenFields(token ?? env.csrf, hidden)}${
    isWizard ? stepper(env, model.tabs) : several && tabList(env, model.tabs)
  }<div class="card-body ph-form-body">${summary(env, model)}${model.tabs.map((tab, i) => panel(env, model, tab, i))}</div><div class="card-footer ph-savebar">${
    isWizard && stepButtons(env)
  }<button class="btn btn-primary" type="submit">${model.submit}</button>${
    model.cancel !== '' &&
    html`<a class="btn btn-ghost-secondary" href="${href(model.cancel)}">${env.t(t('Cancel'))}</a>`
  }</div></form>`;
}

const tabList = (env: UiEnvironment, tabs: readonly FormModelTab[]): SafeHtml =>
  html`<nav class="ph-tabs ph-form-tabs" aria-label="${env.t(t('Parts of this form'))}"><ul data-ph-tabs>${tabs.map(
    (tab) =>
      html`<li${shownIf(tab)}><a class="ph-tab" href="#${panelId(tab.id)}"${attribute('data-ph-wrong', isWrong(tab))}>${tab.title}${
        isWrong(tab) &&
        html`<span class="ph-tab-mark">${icon(env, 'alert-circle')}<span class="visually-hidden">${env.t(t('has a problem'))}</span></span>`
      }</a></li>`,
  )}</ul></nav>`;

/** For the script: the tab is there only while a field of an earlier one has one of these values. */
const shownIf = ({ condition }: FormModelTab): SafeHtml | false =>
  condition !== undefined &&
  html` data-ph-if="${condition.field}" data-ph-is="${JSON.stringify(condition.is.map(String))}"`;

const isWrong = (tab: FormModelTab): boolean => tab.hasIssues || tab.failure !== undefined;

/** Every mistake at once, each a link to its field. */
function summary(env: UiEnvironment, model: FormModel): SafeHtml | false {
  if (model.isConflict) {
    const text = env.t(
      t('Somebody else saved this meanwhile. What they saved stands below each field; save again to keep yours.'),
    );
    return alert(env, { level: 'warning', title: env.t(t('Not saved yet')), text });
  }
  if (model.issues.length === 0) return false;
  const title = env.t(
    t(
      { one: 'There is 1 problem with this form', other: 'There are {{count}} problems with this form' },
      { count: model.issues.length },
    ),
  );
  const links = html`<ul class="ph-issues">${model.issues.map((issue) =>
    issue.fieldId === ''
      ? html`<li>${issue.message}</li>`
      : html`<li><a href="${href(`#${issue.fieldId}`)}">${issue.label === '' ? '' : `${issue.label}: `}${issue.message}</a></li>`,
  )}</ul>`;
  return html`<div class="ph-alert ph-danger ph-summary" role="alert" tabindex="-1" data-ph-summary>${icon(env, 'alert-circle')}<div class="ph-alert-body"><strong class="ph-alert-title">${title}</strong>${links}</div></div>`;
}

function panel(env: UiEnvironment, model: FormModel, tab: FormModelTab, index: number): SafeHtml {
  const inside =
    tab.failure !== undefined
      ? alert(env, {
          level: 'danger',
          title: env.t(
            t('This part could not be loaded and will not be saved ({{extension}})', { extension: tab.from }),
          ),
          text: tab.failure,
        })
      : html`${tab.sections.map(
          (section) =>
            html`<fieldset class="ph-section"><legend class="${section.title === '' ? 'visually-hidden' : 'ph-legend'}">${section.title === '' ? tab.title : section.title}</legend>${
              section.text !== '' && html`<p class="ph-section-text">${section.text}</p>`
            }<div class="ph-fields">${section.fields.map((one) => field(env, one))}</div></fieldset>`,
        )}`;
  const { tabs } = model;
  if (tabs.length <= 1) return html`<div class="ph-panel">${inside}</div>`;
  const shared = html`class="ph-panel" id="${panelId(tab.id)}" tabindex="-1" data-ph-panel`;
  return model.layout === 'steps'
    ? html`<section ${shared} data-ph-step="${tab.id}"${onlyIf(tab)}>${stepTitle(env, tab.title, index + 1, tabs.length)}${stepConditionHint(env, tabs, tab)}${inside}</section>`
    : html`<section ${shared}><h2 class="ph-panel-title">${tab.title}</h2>${stepConditionHint(env, tabs, tab)}${inside}</section>`;
}

import {
  defineExtension,
  type FormModel,
  field,
  type Page,
  type PageAnswer,
  pages,
  parameterForm,
  parameters,
  type ViewAnswer,
} from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import { fieldOf, fieldsOf, requestOf, sendAll, type Typed } from './demo.js';

const settings = parameters(
  'demo',
  'global',
  {
    low: field.integer({ label: 'Low', min: 0, max: 10 }).default(1),
    high: field.integer({ label: 'High', min: 0, max: 10 }).default(5),
    on: field.boolean({ label: 'On' }).default(true),
    token: field.secret({ label: 'Token' }).default(''),
  },
  { title: 'Demo', check: (v) => (v.low > v.high ? [{ path: 'low', message: 'must not be above high' }] : []) },
);
const demo = defineExtension({
  id: 'demo',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Demo',
  parameters: [parameterForm(settings)],
});

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ with: [demo] });
});
afterAll(() => host?.[Symbol.asyncDispose]());

const stored = () => host.context('demo').parameters(settings);

function ask(method: Page['method'], path: string, params: Record<string, string>, typed: Typed = {}) {
  const found = host
    .context('core')
    .items(pages)
    .find(({ item }) => item.method === method && item.path === path);
  if (found === undefined) throw new Error(`no page ${path}`);
  return found.item.run({ ...requestOf(host.context('core'), host.system, typed), params });
}
const formIn = (answer: PageAnswer): FormModel => (answer as ViewAnswer).data['form'] as FormModel;
const show = async () => formIn(await ask('GET', '/core/parameters/:extension/', { extension: 'demo' }));
const save = (typed: Typed) => ask('POST', '/core/parameters/:extension/', { extension: 'demo' }, typed);

describe('the page of parameters', () => {
  it('begins with the kernel and links to every extension that has some', async () => {
    const answer = (await ask('GET', '/core/parameters/', {})) as ViewAnswer;
    expect(answer).toMatchObject({ view: 'host:parameters', data: { links: [{ isActive: true }, { label: 'Demo' }] } });
    expect(fieldsOf(formIn(answer)).map((f) => f.name)).toContain('core.password_scheme');
  });

  it('saves one extension, keeps its secret, and says what does not fit together', async () => {
    await host.kernel.parameters.write(settings, { token: 'hush' });
    const form = await show();
    expect(fieldOf(form, 'demo.token').value).toBe('');
    const wrong = (await save(sendAll(form, { 'demo.low': '9' }))) as ViewAnswer;
    expect(wrong).toMatchObject({ status: 422, data: { form: { issues: [{ message: 'must not be above high' }] } } });
    expect(await stored()).toMatchObject({ low: 1 });
    const { 'demo.on': _, ...typed } = sendAll(form, { 'demo.low': '3' });
    expect(await save(typed)).toEqual({ kind: 'redirect', to: '/core/parameters/demo/' });
    expect(await stored()).toEqual({ low: 3, high: 5, on: false, token: 'hush' });
  });

  it('shows a conflict, and knows no extension that is not there', async () => {
    const form = await show();
    await host.kernel.parameters.write(settings, { high: 7 });
    const answer = await save(sendAll(form, { 'demo.high': '8' }));
    expect(answer).toMatchObject({ status: 409 });
    expect(fieldOf(formIn(answer), 'demo.high')).toMatchObject({ value: '8', theirs: '7' });
    await expect(async () => ask('GET', '/core/parameters/:extension/', { extension: 'nope' })).rejects.toThrow('nope');
  });
});

import { field, invalid, type PageRequest, plainText } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { parsePosted } from './read-posted.js';
import { singleForm } from './single-form.js';

const shape = {
  username: field.string({ label: 'Name', min: 1 }),
  password: field.secret({ label: 'Password' }),
  rememberme: field.boolean({ label: 'Remember me' }),
};

const form = (typed: Record<string, string | string[]>, o: Partial<Parameters<typeof singleForm>[1]> = {}) =>
  singleForm(shape, {
    request: { typed, t: plainText, context: { extension: 'core' } } as unknown as PageRequest,
    action: '/accounts/login/',
    submit: 'Sign in',
    cancel: '',
    values: {},
    ...o,
  });
const fields = (model: ReturnType<typeof singleForm>) => model.tabs[0]?.sections.flatMap((s) => s.fields) ?? [];

describe('a form of one shape', () => {
  it('sends its fields under their own names and tells password managers what they are', () => {
    expect(fields(form({}))).toMatchObject([
      { name: 'username', id: 'f-username', isRequired: true, autocomplete: 'username' },
      { name: 'password', value: '', autocomplete: 'new-password' },
      { name: 'rememberme', kind: 'boolean', value: 'false' },
    ]);
  });

  it('comes back with what was typed and why it was refused, but never with the password', () => {
    const problem = invalid([
      { path: 'username', message: 'is not known' },
      { path: 'elsewhere', message: 'is strange' },
    ]);
    const model = form({ username: 'me', password: 'hush', rememberme: 'on' }, { problem });
    expect(model.issues).toEqual([
      { fieldId: '', label: '', message: 'is strange' },
      { fieldId: 'f-username', label: 'Name', message: 'is not known' },
    ]);
    expect(fields(model).map((f) => f.value)).toEqual(['me', '', 'true']);
    expect(JSON.stringify(model)).not.toContain('hush');
  });

  it('shows what was typed, not what is stored, and nothing typed without a problem', () => {
    expect(fields(form({ username: 'typed' }, { values: { username: 'stored' } }))[0]?.value).toBe('stored');
  });
});

describe('parsePosted', () => {
  const issues = (typed: Record<string, string>) => {
    try {
      return parsePosted(shape, typed);
    } catch (error) {
      return (error as { issues: { path: string }[] }).issues.map((i) => i.path);
    }
  };

  it('reads a box that is not ticked as false and leaves out what the engine sends', () => {
    const typed = { username: 'a', password: 'b', _token: 'x', _version: '', _sent: 'form', _tab: 'form' };
    expect(parsePosted(shape, typed)).toEqual({ username: 'a', password: 'b', rememberme: false });
  });

  it('names every mistake, unknown fields too', () => {
    expect(issues(JSON.parse('{"__proto__":"x","constructor":"y","_other":"z","password":"p"}'))).toEqual([
      '__proto__',
      'constructor',
      '_other',
      'username',
    ]);
  });
});

import { plainText, problems } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { errorResponse } from './error-response.js';
import { HttpError } from './http-error.js';

const problem = problems('test', {
  E_TEST_TAKEN: { kind: 'conflict', message: '{{name}} is taken.', hint: 'Choose another.' },
  E_TEST_AWAY: { kind: 'temporary', message: 'Not now.' },
});

describe('errors as answers', () => {
  it('shows problems as they were written', () => {
    const answer = errorResponse(problem('E_TEST_TAKEN', { name: 'anna' }, { field: 'name' }));
    expect(answer).toMatchObject({ status: 409, code: 'E_TEST_TAKEN', issues: [{ path: 'name' }], isOurs: false });
    const said = [answer.title, answer.detail, answer.hint ?? '', ...answer.issues.map(({ message }) => message)];
    expect(said.map(plainText)).toEqual(['Conflict', 'anna is taken.', 'Choose another.', 'anna is taken.']);
  });

  it('asks to try again when something is away', () => {
    expect(errorResponse(problem('E_TEST_AWAY'))).toMatchObject({
      status: 503,
      headers: { 'Retry-After': expect.any(String) },
    });
  });

  it('keeps the headers of a refusal that belongs to HTTP', () => {
    expect(errorResponse(new HttpError(405, 'Not like this.', { Allow: 'GET' }))).toMatchObject({
      status: 405,
      headers: { Allow: 'GET' },
      isOurs: false,
    });
  });

  it('says nothing of what nobody foresaw', () => {
    const answers = [
      new Error("insert into core_user values ('Sesam')"),
      Object.assign(new Error('Sesam'), { status: 500, expose: true }),
      Object.assign(new Error('Sesam'), { status: 404 }),
      'Sesam',
      null,
      undefined,
    ].map(errorResponse);
    expect(JSON.stringify(answers)).not.toContain('Sesam');
    expect(answers.map((answer) => answer.status)).toEqual([500, 500, 404, 500, 500, 500]);
    expect(answers.map((answer) => answer.isOurs)).toEqual([true, true, false, true, true, true]);
  });
});

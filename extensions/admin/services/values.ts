/** Checks of plain input values. Doors check types for their own syntax; services do not rely on it. */
import { type Issue, invalid, isPlainLine, type Message, messages } from '@posthorn/sdk';

const t = messages('admin');

const INT_MAX = 2_147_483_647;

// As fields say it.
const tooLong = (count: number) =>
  t({ one: 'must have at most {{count}} character', other: 'must have at most {{count}} characters' }, { count });

/**
 * Gathers complaints about several fields, so that a form can show all of them at once. Absent values are never complained
 * about; whoever allows `null` asks with `given ?? undefined`.
 */
export class Complaints {
  readonly #issues: Issue[] = [];

  add(path: string, message: Message): void {
    this.#issues.push({ path, message });
  }

  /** Whole, in range of the column. */
  integer(path: string, value: unknown, min = 0): void {
    if (value === undefined) return;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) this.add(path, t('must be a whole number'));
    else if (value < min) this.add(path, t('must be {{min}} or more', { min }));
    else if (value > INT_MAX) this.add(path, t('must be {{max}} or less', { max: INT_MAX }));
  }

  boolean(path: string, value: unknown): void {
    if (value !== undefined && typeof value !== 'boolean') this.add(path, t('must be true or false'));
  }

  /** One line of text, without control and invisible characters. */
  line(path: string, value: unknown, max: number): void {
    if (value === undefined) return;
    if (typeof value !== 'string') this.add(path, t('must be text'));
    else if ([...value].length > max) this.add(path, tooLong(max));
    else if (!isPlainLine(value)) this.add(path, t('must not contain control or invisible characters'));
  }

  /** Several lines of text. */
  text(path: string, value: unknown, max: number): void {
    if (typeof value === 'string') this.line(path, value.replace(/[\t\r\n]/g, ' '), max);
    else this.line(path, value, max);
  }

  oneOf(path: string, value: unknown, choices: readonly unknown[]): void {
    if (value !== undefined && !choices.includes(value)) {
      this.add(path, t('must be one of {{choices}}', { choices: choices.join(', ') }));
    }
  }

  texts(path: string, value: unknown, max: number): void {
    if (value === undefined) return;
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
      this.add(path, t('must be a list of texts'));
    else if (value.length > max) this.add(path, t('must not have more than {{max}} entries', { max }));
  }

  moment(path: string, value: unknown): void {
    if (value === undefined) return;
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) this.add(path, t('must be a date'));
  }

  /** Throws one problem with every complaint. */
  raise(): void {
    if (this.#issues.length > 0) throw invalid(this.#issues);
  }
}

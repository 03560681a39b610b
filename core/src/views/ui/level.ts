/** How good or bad something is. Shown by colour and by an icon or words, never by colour alone. */
export type Level = 'success' | 'info' | 'warning' | 'danger' | 'neutral';

export const LEVEL_ICON: Readonly<Record<Level, string>> = {
  success: 'circle-check',
  info: 'info-circle',
  warning: 'alert-triangle',
  danger: 'alert-circle',
  neutral: 'info-circle',
};

const LEVELS: ReadonlySet<string> = new Set(Object.keys(LEVEL_ICON));

/** Becomes part of a class name, so anything unknown is neutral. */
export const levelOf = (level: string | undefined): Level => (LEVELS.has(level ?? '') ? (level as Level) : 'neutral');

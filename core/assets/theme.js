// Runs before the first paint: the colours are right from the start. What the reader chose on this machine wins, then
// what the account says, then the system.
(() => {
  const root = document.documentElement;
  root.classList.add('ph-js');
  let chosen = null;
  try {
    chosen = localStorage.getItem('ph-theme');
  } catch {
    // No storage: the account's choice stands.
  }
  const wanted = ['auto', 'light', 'dark'].includes(chosen) ? chosen : root.dataset.phTheme;
  root.dataset.phTheme = wanted;
  const isDark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.bsTheme = isDark ? 'dark' : 'light';
})();

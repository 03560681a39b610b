/** Where the web server listens. */
export interface ListenAddress {
  /** An address or a name; '' means every interface. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const FORM = /^(?:(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/[\]]*)):)?(\d{1,5})$/;

/** Reads `HOST:PORT`, `[V6]:PORT`, `:PORT` or `PORT`; undefined when it is none of them. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, v6, name, digits] = FORM.exec(text.trim()) ?? [];
  if (digits === undefined || Number(digits) > 65_535) return undefined;
  const isPortAlone = v6 === undefined && name === undefined;
  return { host: v6 ?? (isPortAlone ? '127.0.0.1' : (name ?? '')), port: Number(digits) };
}

/** As it stands in a URL: a wildcard is shown as the machine itself. */
export function listenUrl({ host, port }: ListenAddress): string {
  const shown = host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/** `Page.after` for the place behind this row, in a list that is sorted by `sort`. */
export const sortKey = (row: { readonly pk: number }, sort: string): string =>
  JSON.stringify([row.pk, row[sort.replace(/^-/, '') as keyof typeof row]]);

/** What the panel of a key adds to the address: which of its ciphertexts are shown. */
export type PanelParams = { readonly version?: string; readonly page?: string }

/** An address's search without it: another key has other versions. */
export function withoutPanel(search: string): string {
  const params = new URLSearchParams(search)
  for (const name of ['version', 'page'] satisfies (keyof PanelParams)[]) params.delete(name)
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

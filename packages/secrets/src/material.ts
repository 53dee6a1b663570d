import type { Material } from './secret-provider.ts'

/** What a credential of no kind has. */
export const noMaterial: Omit<Material, 'kind'> = {
  username: null,
  password: null,
  url: null,
  host: null,
  port: null,
  database: null,
  authority: null,
  accessKeyId: null,
  secretAccessKey: null,
  sessionToken: null,
  region: null,
  token: null,
  fields: [],
}

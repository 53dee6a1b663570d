import { withSeeding } from '@gatehouse/compose'
import type { Config } from '@gatehouse/config'
import { seedAdmin, seedPrincipals } from '@gatehouse/identity'

/**
 * Seeds the admin, and the dev stack's principals unless it shall be empty; prints what `dev.json` needs. The one place
 * where these secrets are said.
 */
export async function seedCommand(config: Config, { empty }: { readonly empty: boolean }): Promise<void> {
  const facts = await withSeeding(config, async (deps) => {
    const admin = await seedAdmin(deps)
    const principals = empty ? [] : await seedPrincipals(deps)
    return {
      admin: { username: admin.username, oneTimePassword: admin.oneTimePassword?.expose() ?? null },
      principals: principals.map(({ username, password, totpSecret, role, teams }) => ({
        username,
        password: password.expose(),
        totpSecret: totpSecret.expose(),
        role,
        teams,
      })),
    }
  })
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}

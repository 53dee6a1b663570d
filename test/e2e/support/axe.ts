import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[] }[]
}

const everything = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
/** What another theme can change. */
const colours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }

/**
 * What axe finds serious or critical on a page by WCAG 2.2 AA, one line each; of a page that was looked at in another
 * theme, its colours only.
 */
export async function seriousProblems(
  page: Page,
  look: 'everything' | 'colours' = 'everything',
): Promise<readonly string[]> {
  await page.evaluate(source)
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ` +
      `${JSON.stringify(look === 'everything' ? everything : colours)} }).then((result) => result.violations)`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes
          .map(({ target }) => target.join(' '))
          .slice(0, 5)
          .join(', ')})`,
    )
}

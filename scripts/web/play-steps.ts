import type { Page } from 'playwright-core'

/** A screen that does not come to its next step in this time has lost its way. */
const stepTimeoutMs = 5_000

/** As the browser tells a page that its network is gone, for this page only. */
const loseNetwork = `
  Object.defineProperty(navigator, 'onLine', { get: () => false })
  window.dispatchEvent(new Event('offline'))
`

/**
 * Does on a page of the gallery what its shot asks for: `press:<button>`, `fill:<field>=<text>`, `tick:<box>`,
 * `pick:<list>=<option>`, `open:<what is folded>` or `go offline`.
 */
export async function playSteps(page: Page, steps: readonly string[]): Promise<void> {
  for (const step of steps) {
    const [, verb = '', name = '', text = ''] = /^(press|fill|tick|open|pick):([^=]*)=?(.*)$/s.exec(step) ?? []
    if (step === 'go offline') await page.evaluate(loseNetwork)
    else if (verb === 'press') await page.getByRole('button', { name }).first().click({ timeout: stepTimeoutMs })
    else if (verb === 'fill') await page.getByLabel(name).first().fill(text, { timeout: stepTimeoutMs })
    else if (verb === 'tick') await page.getByLabel(name).first().check({ timeout: stepTimeoutMs })
    else if (verb === 'pick')
      await page.getByRole('combobox', { name }).first().selectOption(text, { timeout: stepTimeoutMs })
    else if (verb === 'open') await page.locator('summary', { hasText: name }).click({ timeout: stepTimeoutMs })
    else throw new TypeError(`\`${step}\` is no step`)
  }
}

import type { Page } from 'playwright-core'

/** More stops than any screen has before what is looked for. */
const tabsMax = 80

/** What has the focus, as a screen reader would name it. */
const focused = (page: Page): Promise<string> => page.evaluate<string>(`(() => {
  const element = document.activeElement
  if (element === null || element === document.body) return ''
  const labels = element?.labels ? [...element.labels].map((label) => label.textContent).join(' ') : ''
  return (element?.getAttribute('aria-label') ?? '') + ' ' + labels + ' ' + (element?.textContent ?? '')
})()`)

/** A person without a mouse: Tab, type, Enter. */
export function keyboardOf(page: Page) {
  const tabTo = async (name: string): Promise<void> => {
    for (let stops = 0; stops < tabsMax; stops += 1) {
      if ((await focused(page)).includes(name)) return
      await page.keyboard.press('Tab')
    }
    throw new TypeError(`Tab never came to \`${name}\`; the focus is on \`${await focused(page)}\``)
  }
  return {
    tabTo,
    type: async (name: string, text: string): Promise<void> => {
      await tabTo(name)
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.type(text)
    },
    press: async (name: string): Promise<void> => {
      await tabTo(name)
      await page.keyboard.press('Enter')
    },
    key: (key: string): Promise<void> => page.keyboard.press(key),
  }
}

/** Hears everything that a page complains of: thrown errors and what its content security policy had to stop. */
export function complaintsOf(page: Page): readonly string[] {
  const heard: string[] = []
  page.on('pageerror', (error) => heard.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) heard.push(message.text())
  })
  return heard
}

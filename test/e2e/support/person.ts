import type { Page } from 'playwright-core'

/** More stops than any screen has before what is looked for. */
const tabsMax = 120

/** What a page still loads is there by then, also on a busy machine: a person who does not find it looks again. */
const thereMs = 15_000

/** A dialog takes the focus a moment after it is there. */
const focusMs = 5000

/** What has the focus, by its name, its labels and its text; a whole dialog is none of what stands in it. */
const focused = (page: Page): Promise<readonly string[]> =>
  page.evaluate<string[]>(`(() => {
  const element = document.activeElement
  if (element === null || element === document.body || element.matches('[role=dialog]')) return []
  const words = (text) => (text ?? '').replace(/\\s+/g, ' ').trim()
  const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(' ')
  return [element.getAttribute('aria-label'), labels, element.textContent].map(words)
})()`)

const lookAgainMs = 100

/** What the list that has the focus has picked. */
const picked = (page: Page): Promise<string> =>
  page.evaluate<string>('document.activeElement?.selectedOptions?.[0]?.textContent.trim() ?? ""')

/** A list takes what is typed after so long for the beginning of another word. */
const forgottenMs = 1500

/** True for a control that has the focus and is neither allowed nor refused yet. */
const isWaiting = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.activeElement?.matches("[aria-disabled=true][aria-busy=true]") ?? false')

/**
 * What a person looks for: a part of what stands there, or all of its name (its label where it has one, else its text).
 */
type Named = string | RegExp

const isIt = ([name = '', labels = '', text = '']: readonly string[], wanted: Named): boolean =>
  typeof wanted === 'string' ? `${name} ${labels} ${text}`.includes(wanted) : wanted.test(name || labels || text)

/** A person without a mouse: Tab, type, Enter. */
export function keyboardOf(page: Page) {
  const roundTo = async (wanted: Named): Promise<boolean> => {
    for (let stops = 0; stops < tabsMax; stops += 1) {
      if (isIt(await focused(page), wanted)) return true
      await page.keyboard.press('Tab')
    }
    return false
  }
  const tabTo = async (wanted: Named): Promise<void> => {
    const until = Date.now() + thereMs
    do if (await roundTo(wanted)) return
    while (Date.now() < until)
    throw new TypeError(
      `Tab never came to \`${String(wanted)}\`; the focus is on \`${(await focused(page)).join(' ')}\``,
    )
  }
  const key = (name: string): Promise<void> => page.keyboard.press(name)
  /** Whoever sees that something cannot be pressed yet waits a moment and comes back to it. */
  const press = async (wanted: Named, name = 'Enter'): Promise<void> => {
    const until = Date.now() + focusMs
    await tabTo(wanted)
    while ((await isWaiting(page)) && Date.now() < until) {
      await page.waitForTimeout(lookAgainMs)
      await tabTo(wanted)
    }
    await key(name)
  }
  const type = async (field: Named, text: string): Promise<void> => {
    await tabTo(field)
    await key('ControlOrMeta+A')
    await page.keyboard.type(text)
  }
  /** Picks of a list what begins with `option`. A busy machine forgets half a word: they see that, and try again. */
  const choose = async (list: Named, option: string): Promise<void> => {
    const until = Date.now() + thereMs
    do {
      await tabTo(list)
      await page.keyboard.type(option)
      if ((await picked(page)).startsWith(option)) return
      await page.waitForTimeout(forgottenMs)
    } while (Date.now() < until)
    throw new TypeError(`the list \`${String(list)}\` has \`${await picked(page)}\` picked, and not \`${option}\``)
  }
  const dialog = async (title: Named): Promise<void> => {
    await page.getByRole('dialog', { name: title }).waitFor()
    await page.locator('[role=dialog]:focus-within').waitFor({ timeout: focusMs })
  }
  return {
    tabTo,
    key,
    press,
    type,
    /** Waits until a dialog of this title has the focus. */
    dialog,
    /** Gives a dialog the one text that it asks for. */
    answer: async (title: Named, field: Named, text: string): Promise<void> => {
      await dialog(title)
      await type(field, text)
      await key('Enter')
    },
    /** Ticks a box, or takes its tick away. */
    tick: (box: Named): Promise<void> => press(box, ' '),
    choose,
  }
}

/** Counts what a mouse or a finger does to pages opened from now on. */
export async function countPointers(page: Page): Promise<() => number> {
  let count = 0
  await page.exposeFunction('pointerUsed', () => {
    count += 1
  })
  await page.addInitScript('addEventListener("pointerdown", () => globalThis.pointerUsed(), true)')
  return () => count
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

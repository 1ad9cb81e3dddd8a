import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { RunResult } from '@keploy-framework/format'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { HOSTILE, hostileRun } from '../testing/hostile.ts'
import { nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { renderHtml } from './render-html.ts'

const executablePath = process.env['KEPLOY_CHROMIUM'] ?? '/usr/bin/chromium'
const missing = !existsSync(executablePath)
const required = process.env['KEPLOY_REQUIRE_SERVICES'] === 'all'
const fix = `no Chromium at ${executablePath}: install it (apt-get install chromium) or set KEPLOY_CHROMIUM`

it.runIf(missing && required)('has a Chromium to run in', () => expect.fail(fix))

const title = missing ? `the page in a browser (${fix})` : 'the page in a browser'

// oxlint-disable-next-line vitest/valid-title -- a skip must name its reason
describe.skipIf(missing)(title, { timeout: 60_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
    browser = await chromium.launch({ executablePath, args: [...args, '--disable-sync', '--no-first-run'] })
  }, 60_000)
  afterAll(() => browser?.close())

  /** Opens a result from disk; `troubles` gathers errors, dialogs, and requests for anything but the page itself. */
  async function open(result: RunResult, width = 1280) {
    const folder = await temporaryFolder()
    const url = pathToFileURL(join(folder.path, 'report.html')).href
    await writeFile(join(folder.path, 'report.html'), renderHtml(result, { target: HOSTILE[0] ?? '' }))
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
    page.on('console', (message) => troubles.push(`console: ${message.text()}`))
    page.on('request', (request) => {
      if (request.url() !== url && request.url() !== 'data:,') troubles.push(`request: ${request.url()}`)
    })
    page.on('dialog', (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(url)
    await page.waitForSelector('html[data-ready]', { state: 'attached' })
    const dispose = async () => {
      await page.close()
      await folder[Symbol.asyncDispose]()
    }
    return { page, troubles, [Symbol.asyncDispose]: dispose }
  }
  const rows = (page: Page) => page.locator('.test').count()

  it('runs nothing of the recordings, and asks for nothing from outside', async () => {
    await using opened = await open(hostileRun())
    const { page, troubles } = opened
    await page.click('#expand')
    expect(await page.locator('.detail').count()).toBe(HOSTILE.length)
    expect(await page.locator('.detail img, .detail script, .detail [onfocus], #tests a').count()).toBe(0)
    expect(await page.locator('.row-button .path').first().textContent()).toBe(HOSTILE[0])
    expect(await page.locator('script').count()).toBe(2)
    expect(troubles).toEqual([])
  })

  it('filters by status, suite and text', async () => {
    await using opened = await open(nineTests({ broken: true }))
    const { page, troubles } = opened
    expect(await rows(page)).toBe(9)
    await page.check('input[value="failed"]')
    expect(await rows(page)).toBe(1)
    expect(await page.textContent('#shown')).toBe('1 of 9 tests shown')
    await page.check('input[value="all"]')
    await page.selectOption('#suite', 'Error Handling')
    expect(await rows(page)).toBe(2)
    await page.selectOption('#suite', '')
    await page.fill('#search', 'DELETE 404')
    expect(await rows(page)).toBe(1)
    await page.press('#search', 'Enter')
    await page.fill('#search', 'no such thing')
    expect(await page.isVisible('#empty')).toBe(true)
    await page.fill('#search', '')
    await page.click('button[data-suite="Health & Status"]')
    expect(await rows(page)).toBe(2)
    expect(troubles).toEqual([])
  })

  it('shows both sides of a failure, and what was bound', async () => {
    await using opened = await open(nineTests({ broken: true }))
    const { page } = opened
    const detail = page.locator('.test.open .detail')
    expect(await detail.count()).toBe(1)
    expect(await detail.locator('.where').allTextContents()).toEqual(['status', 'body'])
    expect(await detail.locator('.sides tr.changed td').allTextContents()).toEqual(['204', '404'])
    await page.getByRole('button', { name: 'POST /api/v1/sessions' }).first().click()
    expect(await page.textContent('.test.open .plain-list')).toContain('91c2a7de')
  })

  it('can be used with the keyboard alone', async () => {
    await using opened = await open(nineTests())
    const { page } = opened
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement.id')).toBe('search')
    await page.locator('.row-button').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const second = page.locator('.row-button').nth(1)
    expect(await second.getAttribute('aria-expanded')).toBe('true')
    expect(await page.locator(`#${await second.getAttribute('aria-controls')}`).count()).toBe(1)
    await page.keyboard.press('Space')
    expect(await second.getAttribute('aria-expanded')).toBe('false')
  })

  it('names every control, has its landmarks, and enough contrast in light and dark', async () => {
    await using opened = await open(nineTests({ broken: true }))
    const { page } = opened
    for (const landmark of ['banner', 'main', 'search', 'contentinfo'] as const) {
      expect(await page.getByRole(landmark).count(), landmark).toBe(1)
    }
    expect(await page.evaluate(UNNAMED)).toEqual([])
    const scheme = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await scheme()
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([])
    await page.click('#theme')
    expect(await scheme()).not.toBe(light)
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([])
    await page.reload()
    expect(await scheme()).not.toBe(light)
  })

  it('fits a narrow screen, and opens failures for print', async () => {
    await using opened = await open(nineTests({ broken: true }), 360)
    const { page, troubles } = opened
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    await page.click('#collapse')
    expect(await page.locator('.detail').count()).toBe(0)
    await page.pdf()
    expect(await page.locator('.detail').count()).toBe(1)
    expect(troubles).toEqual([])
  })

  it('takes ten thousand tests, and builds rows only as they are needed', async () => {
    const tests = Array.from({ length: 10_000 }, (_, i) => testResult({ name: `test-${i}`, suite: `Suite ${i % 20}` }))
    await using opened = await open(runResult(tests))
    const { page, troubles } = opened
    expect(await rows(page)).toBeLessThan(1000)
    await page.fill('#search', 'test-9999')
    expect(await rows(page)).toBe(1)
    expect(await page.textContent('#shown')).toBe('1 of 10,000 tests shown')
    await page.fill('#search', '')
    const before = await rows(page)
    await page.locator('.row-button').last().scrollIntoViewIfNeeded()
    await expect.poll(() => rows(page)).toBeGreaterThan(before)
    expect(troubles).toEqual([])
  })

  it('opens when there is nothing to show', async () => {
    await using opened = await open(runResult([]))
    expect(opened.troubles).toEqual([])
  })
})

const UNNAMED = `[...document.querySelectorAll('button, input, select, meter')]
  .filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label')?.textContent.trim()))
  .map((e) => e.outerHTML)`

// Contrast as WCAG 2 has it, of each text with the first background below it that is not transparent; the bar is 4.5.
const LOW_CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = (color) => {
    const [r, g, b] = rgb(color).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (e) => {
    while (e && rgb(getComputedStyle(e).backgroundColor)[3] < 255) e = e.parentElement
    return e ? getComputedStyle(e).backgroundColor : '#fff'
  }
  const low = new Set()
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || e.closest('script, style, noscript')) continue
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x)
    if ((a + 0.05) / (b + 0.05) < 4.5) low.add(e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30))
  }
  return [...low]
})()`

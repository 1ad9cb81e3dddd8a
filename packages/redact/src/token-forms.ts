/** A token that is known by how it begins. `body` counts the characters after the prefix. */
export interface TokenForm {
  readonly kind: string
  readonly prefix: string
  /** Fewest and most characters after the prefix. */
  readonly min: number
  readonly max?: number
  /** What the characters after the prefix may be. Default: letters, digits, `_` and `-`. */
  readonly only?: 'hex' | 'upper' | 'alnum'
  /** The token goes on over dots (`SG.a.b`, `ya29.a0…`). */
  readonly dots?: boolean
}

/** Forms that issuers document; what has no form of its own is found by the key in front of it. */
export const TOKEN_FORMS: readonly TokenForm[] = [
  { kind: 'AWS access key', prefix: 'AKIA', min: 16, max: 16, only: 'upper' },
  { kind: 'AWS access key', prefix: 'ASIA', min: 16, max: 16, only: 'upper' },
  { kind: 'GitHub token', prefix: 'ghp_', min: 30 },
  { kind: 'GitHub token', prefix: 'gho_', min: 30 },
  { kind: 'GitHub token', prefix: 'ghu_', min: 30 },
  { kind: 'GitHub token', prefix: 'ghs_', min: 30 },
  { kind: 'GitHub token', prefix: 'ghr_', min: 30 },
  { kind: 'GitHub token', prefix: 'github_pat_', min: 40 },
  { kind: 'GitLab token', prefix: 'glpat-', min: 20 },
  { kind: 'GitLab token', prefix: 'gldt-', min: 20 },
  { kind: 'GitLab token', prefix: 'glrt-', min: 20 },
  { kind: 'GitLab token', prefix: 'glcbt-', min: 20 },
  { kind: 'GitLab token', prefix: 'glptt-', min: 20 },
  { kind: 'Slack token', prefix: 'xoxb-', min: 10 },
  { kind: 'Slack token', prefix: 'xoxp-', min: 10 },
  { kind: 'Slack token', prefix: 'xoxa-', min: 10 },
  { kind: 'Slack token', prefix: 'xoxr-', min: 10 },
  { kind: 'Slack token', prefix: 'xoxs-', min: 10 },
  { kind: 'Slack token', prefix: 'xoxe-', min: 10 },
  { kind: 'Slack token', prefix: 'xoxe', min: 20, dots: true },
  { kind: 'Slack token', prefix: 'xapp-', min: 20 },
  { kind: 'Stripe key', prefix: 'sk_live_', min: 10 },
  { kind: 'Stripe key', prefix: 'sk_test_', min: 10 },
  { kind: 'Stripe key', prefix: 'rk_live_', min: 10 },
  { kind: 'Stripe key', prefix: 'rk_test_', min: 10 },
  { kind: 'Stripe secret', prefix: 'whsec_', min: 16 },
  { kind: 'Anthropic key', prefix: 'sk-ant-', min: 16 },
  { kind: 'OpenAI key', prefix: 'sk-', min: 20 },
  { kind: 'Google API key', prefix: 'AIza', min: 35, max: 35 },
  { kind: 'Google token', prefix: 'ya29', min: 20, dots: true },
  { kind: 'Google secret', prefix: 'GOCSPX-', min: 20 },
  { kind: 'npm token', prefix: 'npm_', min: 30, only: 'alnum' },
  { kind: 'PyPI token', prefix: 'pypi-', min: 50 },
  { kind: 'SendGrid key', prefix: 'SG', min: 40, dots: true },
  { kind: 'Twilio key', prefix: 'SK', min: 32, max: 32, only: 'hex' },
  { kind: 'Mailgun key', prefix: 'key-', min: 32, max: 32, only: 'hex' },
  { kind: 'Hugging Face token', prefix: 'hf_', min: 30, only: 'alnum' },
  { kind: 'DigitalOcean token', prefix: 'dop_v1_', min: 40 },
  { kind: 'Shopify token', prefix: 'shpat_', min: 32 },
  { kind: 'Shopify token', prefix: 'shpss_', min: 32 },
  { kind: 'Square token', prefix: 'EAAA', min: 56 },
  { kind: 'Square token', prefix: 'sq0atp-', min: 20 },
  { kind: 'Square secret', prefix: 'sq0csp-', min: 40 },
  { kind: 'Vault token', prefix: 'hvs', min: 24, dots: true },
  { kind: 'Databricks token', prefix: 'dapi', min: 32, max: 34, only: 'hex' },
  { kind: 'Linear key', prefix: 'lin_api_', min: 32 },
  { kind: 'Postman key', prefix: 'PMAK-', min: 50 },
  { kind: 'New Relic key', prefix: 'NRAK-', min: 20 },
  { kind: 'age key', prefix: 'AGE-SECRET-KEY-', min: 50 },
]

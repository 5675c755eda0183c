package secrets

// tokenRules are the tokens that vendors mark with a prefix of their own. The prefixes of the examples
// stand apart from their bodies so that no scanner of source code, nor a host that refuses pushes with
// keys in them, takes an example for a live key.
var tokenRules = []Rule{
	{
		Name: "google-api-key", Kind: Secret,
		// "AIza" and 35 characters of base64url.
		Source: "https://cloud.google.com/docs/authentication/api-keys; https://learn.microsoft.com/purview/sit-defn-google-api-key",
		tokens: []token{{prefix: "AIza", anchor: 2, body: base64url, min: 16}},
		Match: []Example{
			whole("AIza" + "SyEXAMPLE0123456789abcdefghijklmno-_"),
			part("https://generativelanguage.googleapis.com/v1beta/models?x="+"AIza"+"SyEXAMPLE0123456789abcdefghijklmno-_ ok",
				"AIza"+"SyEXAMPLE0123456789abcdefghijklmno-_"),
		},
		NoMatch: []string{"AIza", "the prefix AIza marks a key", "AIzaSy..."},
	},
	{
		Name: "google-oauth", Kind: Secret,
		// Access tokens begin with "ya29.", client secrets with "GOCSPX-".
		Source: "https://developers.google.com/identity/protocols/oauth2",
		tokens: []token{
			{prefix: "ya29.", anchor: 4, body: dotted, min: 16},
			{prefix: "GOCSPX-", anchor: 6, body: base64url, min: 12},
		},
		Match: []Example{
			whole("ya29" + ".a0EXAMPLEfghijklmnop_qrstuv-wxyz0123456789"),
			whole("GOC" + "SPX-EXAMPLE_0123456789abcdefghij"),
		},
		NoMatch: []string{"ya29.", "GOCSPX-"},
	},
	{
		Name: "anthropic", Kind: Secret,
		// "sk-ant-api03-", "sk-ant-admin01-", "sk-ant-oat01-" and others yet to come.
		Source: "https://docs.anthropic.com/en/api/getting-started",
		tokens: []token{{prefix: "sk-ant-", anchor: 6, body: base64url, min: 10}},
		Match:  []Example{whole("sk-ant-" + "api03-EXAMPLE_0123456789-abcdefghijklmnopqrstuvwxyzAA")},
		NoMatch: []string{
			"sk-ant-", "keys begin with sk-ant-api03-",
		},
	},
	{
		Name: "openai", Kind: Secret,
		// "sk-" and 48 letters and digits in user keys, "sk-proj-", "sk-svcacct-" and "sk-admin-" in the
		// newer ones. DeepSeek ("sk-" and 32 hex digits) and OpenRouter ("sk-or-v1-" and 64) follow it.
		Source: "https://platform.openai.com/docs/api-reference/authentication",
		tokens: []token{
			{prefix: "sk-proj-", anchor: 7, body: base64url, min: 10},
			{prefix: "sk-svcacct-", anchor: 10, body: base64url, min: 10},
			{prefix: "sk-", anchor: 2, body: base64url, min: 12, word: true, check: keyMaterial},
		},
		Match: []Example{
			whole("sk-" + "EXAMPLE0123456789abcdT3BlbkFJEXAMPLE0123456789ab"),
			whole("sk-proj-" + "EXAMPLE_0123456789-abcdefghijklmnopqrstuvwxyz"),
			whole("sk-svcacct-" + "EXAMPLE_0123456789-abcdefghijklmnopqr"),
			whole("sk-" + "or-v1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
			part("key\\nsk-"+"EXAMPLE0123456789abcdefgh\\n", "sk-"+"EXAMPLE0123456789abcdefgh"),
		},
		NoMatch: []string{
			"sk-learn-style-estimators-are-fine", "task-0123456789abcdef0123456789abcdef",
			"risk-assessment-for-the-whole-company", "disk-usage",
		},
	},
	{
		Name: "aws-access-key", Kind: Secret,
		// Four letters for the kind of key (AKIA long-lived, ASIA temporary) and 16 of [A-Z0-9].
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes",
		tokens: []token{
			{prefix: "AKIA", anchor: 1, body: upperNum, min: 16, word: true},
			{prefix: "ASIA", anchor: 1, body: upperNum, min: 16, word: true},
		},
		Match: []Example{
			whole("AKIA" + "IOSFODNN7EXAMPLE"),
			whole("ASIA" + "IOSFODNN7EXAMPLE"),
		},
		NoMatch: []string{"AKIA", "SLOVAKIA0123456789ABCDEF", "ASIA PACIFIC"},
	},
	{
		Name: "github", Kind: Secret,
		// A prefix for each kind of token and 36 characters or more; the newer installation tokens are
		// web tokens behind ghs_, with dots in them.
		Source: "https://github.blog/changelog/2021-03-31-authentication-token-format-updates-are-generally-available; https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github",
		tokens: []token{
			{prefix: "ghp_", anchor: 3, body: base64url, min: 12},
			{prefix: "gho_", anchor: 3, body: base64url, min: 12},
			{prefix: "ghu_", anchor: 3, body: base64url, min: 12},
			{prefix: "ghs_", anchor: 3, body: dotted, min: 12},
			{prefix: "ghr_", anchor: 3, body: base64url, min: 12},
			{prefix: "github_pat_", anchor: 10, body: base64url, min: 12},
		},
		Match: []Example{
			whole("ghp" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
			whole("gho" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
			whole("ghu" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
			whole("ghs" + "_EXAMPLE0123456789.abcdefghijkl.mnopqrs"),
			whole("ghr" + "_EXAMPLE0123456789abcdefghijklmnopqrs"),
			whole("github" + "_pat_EXAMPLE0123456789abcd_efghijklmnopqrstuvwxyz"),
		},
		NoMatch: []string{"ghp_", "the ghp_ prefix", "ghs_short"},
	},
	{
		Name: "gitlab", Kind: Secret,
		// A prefix for each kind of token; routable tokens have dots in them.
		Source: "https://docs.gitlab.com/security/tokens/#token-prefixes",
		tokens: []token{
			{prefix: "glpat-", anchor: 5, body: dotted, min: 12},
			{prefix: "gldt-", anchor: 4, body: dotted, min: 12},
			{prefix: "glrt-", anchor: 4, body: dotted, min: 12},
			{prefix: "glcbt-", anchor: 5, body: dotted, min: 12},
			{prefix: "glptt-", anchor: 5, body: dotted, min: 12},
			{prefix: "glagent-", anchor: 7, body: dotted, min: 12},
		},
		Match: []Example{
			whole("glpat" + "-EXAMPLE0123456789ab"),
			whole("glrt" + "-EXAMPLE_0123456789.01.abcdefg"),
		},
		NoMatch: []string{"glpat-", "glpat-xyz"},
	},
	{
		Name: "slack", Kind: Secret,
		// Bot, user, app, workspace and legacy tokens; webhook addresses are credentials too.
		Source: "https://api.slack.com/authentication/token-types; https://api.slack.com/messaging/webhooks",
		tokens: []token{
			{prefix: "xoxb-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xoxp-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xoxa-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xoxr-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xoxs-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xoxc-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xoxe-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "xapp-", anchor: 4, body: base64url, min: 10, check: hasDigit},
			{prefix: "hooks.slack.com/services/", anchor: 5, body: webhook, min: 12},
		},
		Match: []Example{
			whole("xoxb" + "-0123456789-0123456789012-EXAMPLEabcdefghijklmnopq"),
			whole("xoxp" + "-0123456789-0123456789-0123456789-EXAMPLE0123456789abcdef"),
			whole("xoxa" + "-2-0123456789-EXAMPLE"),
			whole("xoxr" + "-0123456789-EXAMPLE"),
			whole("xoxs" + "-0123456789-0123456789-EXAMPLE"),
			whole("xapp" + "-1-A0123456789-0123456789012-EXAMPLE"),
			part("https://hooks.slack.com/"+"services/T00000000/B00000000/EXAMPLEabcdefghijklmnopq",
				"T00000000/B00000000/EXAMPLEabcdefghijklmnopq"),
		},
		NoMatch: []string{"xoxb-", "xoxo-with-love-and-kisses", "xoxb-your-token-here"},
	},
	{
		Name: "stripe", Kind: Secret,
		// sk secret, rk restricted, pk publishable keys, each live or test; whsec_ signs webhooks.
		Source: "https://docs.stripe.com/keys; https://docs.stripe.com/webhooks",
		tokens: []token{
			{prefix: "sk_live_", anchor: 7, body: alnum, min: 10},
			{prefix: "rk_live_", anchor: 7, body: alnum, min: 10},
			{prefix: "pk_live_", anchor: 7, body: alnum, min: 10},
			{prefix: "sk_test_", anchor: 7, body: alnum, min: 10},
			{prefix: "rk_test_", anchor: 7, body: alnum, min: 10},
			{prefix: "whsec_", anchor: 5, body: base64std, min: 16},
		},
		Match: []Example{
			whole("sk" + "_live_EXAMPLE0123456789abcdef"),
			whole("rk" + "_live_EXAMPLE0123456789abcdef"),
			whole("pk" + "_live_EXAMPLE0123456789abcdef"),
			whole("sk" + "_test_EXAMPLE0123456789abcdef"),
			whole("whsec" + "_EXAMPLE0123456789abcdefghij"),
		},
		NoMatch: []string{"sk_live_", "disk_live_migration", "task_test_case_names"},
	},
	{
		Name: "npm", Kind: Secret,
		// "npm_" and 36 letters and digits.
		Source:  "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format",
		tokens:  []token{{prefix: "npm_", anchor: 3, body: alnum, min: 20}},
		Match:   []Example{whole("npm" + "_EXAMPLE0123456789abcdefghijklmnopqrs")},
		NoMatch: []string{"npm_config_registry", "npm_package_version_0"},
	},
	{
		Name: "hugging-face", Kind: Secret,
		// "hf_" and 34 letters.
		Source:  "https://huggingface.co/docs/hub/security-tokens",
		tokens:  []token{{prefix: "hf_", anchor: 2, body: alnum, min: 20, word: true}},
		Match:   []Example{whole("hf" + "_EXAMPLEabcdefghijklmnopqrstuvwxyzA")},
		NoMatch: []string{"hf_hub_download", "hf_transformers"},
	},
	{
		Name: "groq", Kind: Secret,
		// "gsk_" and 52 letters and digits.
		Source:  "https://console.groq.com/docs/quickstart",
		tokens:  []token{{prefix: "gsk_", anchor: 3, body: alnum, min: 20, word: true}},
		Match:   []Example{whole("gsk" + "_EXAMPLE0123456789abcdefghijklmnopqrstuvwxyz")},
		NoMatch: []string{"gsk_", "gsk_renderer"},
	},
	{
		Name: "xai", Kind: Secret,
		// "xai-" and 80 letters and digits.
		Source:  "https://docs.x.ai/docs/tutorial",
		tokens:  []token{{prefix: "xai-", anchor: 3, body: alnum, min: 20, word: true}},
		Match:   []Example{whole("xai" + "-EXAMPLE0123456789abcdefghijklmnopqrstuvwxyz")},
		NoMatch: []string{"xai-", "xai-org/grok"},
	},
	{
		Name: "sendgrid", Kind: Secret,
		// 69 characters: "SG.", 22 of base64url, a dot, 43 more.
		Source:  "https://www.twilio.com/docs/sendgrid/api-reference/api-keys",
		tokens:  []token{{prefix: "SG.", anchor: 2, body: dotted, min: 20, word: true, check: keyMaterial}},
		Match:   []Example{whole("SG" + ".EXAMPLE0123456789abcd.EXAMPLE0123456789abcdefghijklmnopqrs-_ABCD")},
		NoMatch: []string{"SG.", "MSG.something.else.is.fine"},
	},
	{
		Name: "twilio", Kind: Secret,
		// The identifier of an API key: "SK" and 32 hex digits. Its secret has no shape of its own.
		Source:  "https://www.twilio.com/docs/glossary/what-is-a-sid",
		tokens:  []token{{prefix: "SK", anchor: 1, body: hexDigit, min: 32, word: true}},
		Match:   []Example{whole("SK" + "0123456789abcdef0123456789abcdef")},
		NoMatch: []string{"SK", "TASK0123456789abcdef0123456789abcdef"},
	},
	{
		Name: "vault", Kind: Secret,
		// hvs. service, hvb. batch, hvr. recovery tokens.
		Source: "https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
		tokens: []token{
			{prefix: "hvs.", anchor: 3, body: base64url, min: 20},
			{prefix: "hvb.", anchor: 3, body: base64url, min: 20},
			{prefix: "hvr.", anchor: 3, body: base64url, min: 20},
		},
		Match:   []Example{whole("hvs" + ".EXAMPLE0123456789abcdefgh")},
		NoMatch: []string{"hvs.", "hvs.example.com"},
	},
	{
		Name: "pypi", Kind: Secret,
		// "pypi-" and a macaroon in base64, which begins with AgE.
		Source:  "https://docs.pypi.org/api/secrets",
		tokens:  []token{{prefix: "pypi-AgE", anchor: 4, body: base64url, min: 16}},
		Match:   []Example{whole("pypi" + "-AgEIcHlwaS5vcmcEXAMPLE0123456789")},
		NoMatch: []string{"pypi-server", "pypi-AgE"},
	},
	{
		Name: "digitalocean", Kind: Secret,
		// dop_v1_ personal, doo_v1_ OAuth, dor_v1_ refresh tokens and 64 hex digits.
		Source: "https://docs.digitalocean.com/reference/api/create-personal-access-token",
		tokens: []token{
			{prefix: "dop_v1_", anchor: 6, body: hexDigit, min: 20},
			{prefix: "doo_v1_", anchor: 6, body: hexDigit, min: 20},
			{prefix: "dor_v1_", anchor: 6, body: hexDigit, min: 20},
		},
		Match:   []Example{whole("dop" + "_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")},
		NoMatch: []string{"dop_v1_", "api_v1_0123456789abcdef0123456789"},
	},
}

// whole is an example that is a secret from end to end.
func whole(s string) Example { return Example{Text: s, Secret: s} }

// part is an example in which only secret must be gone.
func part(text, secret string) Example { return Example{Text: text, Secret: secret} }

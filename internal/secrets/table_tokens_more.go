package secrets

// moreTokenRules go on where tokenRules end: tokens that are met less often in what this library logs.
var moreTokenRules = []Rule{
	{
		Name: "replicate", Kind: Secret,
		// "r8_" and 37 letters and digits.
		Source:  "https://replicate.com/docs/topics/security/api-tokens",
		tokens:  []token{{prefix: "r8_", anchor: 2, body: alnum, min: 20, word: true}},
		Match:   []Example{whole("r8" + "_EXAMPLE0123456789abcdefghijklmnopqrstu")},
		NoMatch: []string{"r8_", "r8_unorm_srgb", "var8_name"},
	},
	{
		Name: "perplexity", Kind: Secret,
		// "pplx-" and 48 letters and digits.
		Source:  "https://docs.perplexity.ai/getting-started/quickstart",
		tokens:  []token{{prefix: "pplx-", anchor: 4, body: alnum, min: 20, word: true, check: keyMaterial}},
		Match:   []Example{whole("pplx" + "-EXAMPLE0123456789abcdefghijklmnopqrstuvwxyz0123")},
		NoMatch: []string{"pplx-", "pplx-70b-online"},
	},
	{
		Name: "grafana", Kind: Secret,
		// glsa_ and glc_ mark service account and cloud tokens.
		Source: "https://grafana.com/docs/grafana/latest/administration/service-accounts",
		tokens: []token{
			{prefix: "glsa_", anchor: 4, body: base64url, min: 20},
			{prefix: "glc_", anchor: 3, body: base64std, min: 20, word: true},
		},
		Match:   []Example{whole("glsa" + "_EXAMPLE0123456789abcdefghijklmno_01234567"), whole("glc" + "_eyJvIjoiRVhBTVBMRSIsIm4iOiJFWEFNUExFIn0=")},
		NoMatch: []string{"glsa_", "glc_short"},
	},
	{
		Name: "shopify", Kind: Secret,
		// shpat_, shpca_, shppa_ and shpss_, each with 32 hex digits.
		Source: "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
		tokens: []token{
			{prefix: "shpat_", anchor: 5, body: hexDigit, min: 20},
			{prefix: "shpca_", anchor: 5, body: hexDigit, min: 20},
			{prefix: "shppa_", anchor: 5, body: hexDigit, min: 20},
			{prefix: "shpss_", anchor: 5, body: hexDigit, min: 20},
		},
		Match:   []Example{whole("shpat" + "_0123456789abcdef0123456789abcdef"), whole("shpss" + "_0123456789abcdef0123456789abcdef")},
		NoMatch: []string{"shpat_", "shpat_token"},
	},
	{
		Name: "docker", Kind: Secret,
		// dckr_pat_ personal, dckr_oat_ organization tokens.
		Source: "https://docs.docker.com/security/access-tokens",
		tokens: []token{
			{prefix: "dckr_pat_", anchor: 8, body: base64url, min: 16},
			{prefix: "dckr_oat_", anchor: 8, body: base64url, min: 16},
		},
		Match:   []Example{whole("dckr" + "_pat_EXAMPLE0123456789abcdefg")},
		NoMatch: []string{"dckr_pat_", "dckr_patches"},
	},
	{
		Name: "sentry", Kind: Secret,
		// sntrys_ marks tokens of organizations, sntryu_ those of users.
		Source: "https://docs.sentry.io/account/auth-tokens",
		tokens: []token{
			{prefix: "sntrys_", anchor: 6, body: chars("0-9A-Za-z+/=_-"), min: 20},
			{prefix: "sntryu_", anchor: 6, body: hexDigit, min: 20},
		},
		Match:   []Example{whole("sntrys" + "_eyJpYXQiOjEsInUiOiJFWEFNUExFIn0=_EXAMPLE0123456789"), whole("sntryu" + "_0123456789abcdef0123456789abcdef")},
		NoMatch: []string{"sntrys_"},
	},
	{
		Name: "new-relic", Kind: Secret,
		// "NRAK-" and 27 letters and digits.
		Source:  "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys",
		tokens:  []token{{prefix: "NRAK-", anchor: 4, body: alnum, min: 16}},
		Match:   []Example{whole("NRAK" + "-EXAMPLE0123456789ABCDEFGHIJ")},
		NoMatch: []string{"NRAK-", "NRAK-keys"},
	},
	{
		Name: "rubygems", Kind: Secret,
		// "rubygems_" and 48 hex digits.
		Source:  "https://guides.rubygems.org/api-key-scopes",
		tokens:  []token{{prefix: "rubygems_", anchor: 8, body: hexDigit, min: 20}},
		Match:   []Example{whole("rubygems" + "_0123456789abcdef0123456789abcdef0123456789abcdef")},
		NoMatch: []string{"rubygems_version"},
	},
	{
		Name: "age", Kind: Secret,
		// "AGE-SECRET-KEY-1" and 58 characters of Bech32.
		Source:  "https://age-encryption.org/v1",
		tokens:  []token{{prefix: "AGE-SECRET-KEY-1", anchor: 14, body: upperNum, min: 20}},
		Match:   []Example{whole("AGE-SECRET-" + "KEY-1EXAMPLE0123456789ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")},
		NoMatch: []string{"AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1 begins one"},
	},
}

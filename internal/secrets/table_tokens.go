package secrets

import "encoding/base64"

// tokenRules are the tokens that vendors mark with a prefix of their own. Their sources are the vendors'
// documents; where those give no form, it is that of two public lists:
// https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns and
// https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml (facts, not code).
var tokenRules = []Rule{
	// Clouds and what runs on them.
	vendor("aws", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes; "+
		"https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
		word("AKIA", upperNum, 16, nil), word("ASIA", upperNum, 16, nil), word("ABIA", upperNum, 16, hasDigit), word("ACCA", upperNum, 16, hasDigit),
		word("A3T", upperNum, 17, hasDigit), word("ABSK", base64std, 60, mixed), word("amzn.mws.", hexDash, 36, isUUID),
		anywhere("bedrock-api-key-", base64std, 20)),
	vendor("google", "https://cloud.google.com/docs/authentication/api-keys; https://developers.google.com/identity/protocols/oauth2",
		anywhere("AIza", base64url, 16), anywhere("ya29.", dotted, 16), anywhere("GOCSPX-", base64url, 12), word("1//0", base64url, 20, mixed)),
	vendor("google-recaptcha", "https://developers.google.com/recaptcha/docs/v3", word("6L", base64url, 38, exactly(38))),
	vendor("alibaba", "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair", word("LTAI", alnum, 12, hasDigit)),
	vendor("tencent", "https://cloud.tencent.com/document/product/598/40488", word("AKID", alnum, 28, mixed)),
	vendor("yandex", "https://yandex.cloud/en/docs/iam/concepts/authorization/iam-token", word("t1.", dotted, 60, mixed), word("AQVN", base64url, 30, mixed), word("YCAJE", base64url, 18, nil), word("YCM", base64url, 30, mixed)),
	vendor("digitalocean", "https://docs.digitalocean.com/reference/api/create-personal-access-token",
		anywhere("dop_v1_", hexDigit, 20), anywhere("doo_v1_", hexDigit, 20), anywhere("dor_v1_", hexDigit, 20)),
	vendor("cloudflare", "https://developers.cloudflare.com/fundamentals/api/get-started; https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys",
		anywhere("cfut_", base64url, 20), anywhere("cfat_", base64url, 20), anywhere("cfk_", base64url, 24), word("v1.0-", hexDash, 100, nil)),
	vendor("heroku", "https://devcenter.heroku.com/articles/platform-api-reference#authentication", word("HRKU-", base64url, 30, nil)),
	vendor("fly", "https://fly.io/docs/security/tokens", word("fo1_", base64url, 20, nil), word("fm1_", base64std, 20, nil), word("fm1a_", base64std, 20, nil), word("fm1r_", base64std, 20, nil), word("fm2_", base64std, 20, nil)),
	vendor("databricks", "https://docs.databricks.com/dev-tools/auth/pat.html", word("dapi", hexDigit, 32, nil), word("dose", hexDigit, 32, nil), word("dkea", hexDigit, 32, nil)),
	vendor("dynatrace", "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens",
		word("dt0c01.", dotted, 24, nil), word("dt0s01.", dotted, 24, nil), word("dt0s02.", dotted, 24, nil), word("dt0s16.", dotted, 24, nil), word("dt0a01.", dotted, 24, nil), word("dt0e01.", dotted, 24, nil), word("dt0g02.", dotted, 24, nil)),
	vendor("vault", "https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
		anywhere("hvs.", base64url, 20), anywhere("hvb.", base64url, 20), anywhere("hvr.", base64url, 20),
		word("s.", alnum, 24, exactly(24)), word("b.", alnum, 24, exactly(24)), word("r.", alnum, 24, exactly(24))),
	vendor("planetscale", "https://planetscale.com/docs/concepts/service-tokens", anywhere("pscale_tkn_", dotted, 20), anywhere("pscale_pw_", dotted, 20), anywhere("pscale_oauth_", dotted, 20)),
	vendor("supabase", "https://supabase.com/docs/guides/api/api-keys", word("sbp_", alnum, 20, lowerMixed), anywhere("sb_secret_", base64url, 16), anywhere("sb_publishable_", base64url, 16)),
	vendor("neon", "https://neon.tech/docs/manage/api-keys", word("napi_", alnum, 24, lowerMixed)),
	vendor("netlify", "https://docs.netlify.com/api/get-started", word("nfp_", alnum, 20, mixed), word("nfc_", alnum, 20, mixed), word("nfo_", alnum, 20, mixed), word("nfu_", alnum, 20, mixed), word("nfb_", alnum, 20, mixed)),
	vendor("vercel", "https://vercel.com/docs/rest-api", word("vck_", alnum, 20, nil), word("vcp_", alnum, 20, nil), word("vci_", alnum, 20, nil), word("vca_", alnum, 20, nil), word("vcr_", alnum, 20, nil), word("vercel_blob_rw_", base64url, 20, nil)),
	vendor("render", "https://render.com/docs/api", word("rnd_", alnum, 24, mixed)),
	vendor("1password", "https://developer.1password.com/docs/service-accounts", anywhere("ops_eyJ", base64std, 40), word("A3-", upperDash, 30, lowerMixed)),
	vendor("doppler", "https://docs.doppler.com/reference/auth-token-formats", word("dp.pt.", alnum, 20, nil), word("dp.st.", dotted, 20, nil), word("dp.ct.", alnum, 20, nil), word("dp.sa.", alnum, 20, nil), word("dp.scim.", alnum, 20, nil), word("dp.audit.", alnum, 20, nil)),
	vendor("artifactory", "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens", word("AKCp", alnum, 50, mixed), word("cmVmd", alnum, 50, mixed)),
	vendor("infracost", "https://www.infracost.io/docs/cloud_pricing_api", word("ico-", alnum, 28, mixed)),
	vendor("tailscale", "https://tailscale.com/kb/1277/key-prefixes", anywhere("tskey-", base64url, 16)),
	vendor("pulumi", "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens", word("pul-", hexDigit, 32, nil)),
	vendor("openshift", "https://docs.openshift.com/container-platform/latest/authentication/managing-oauth-access-tokens.html", anywhere("sha256~", base64url, 40)),
	vendor("confluent", "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys", word("cflt", base64std, 50, mixed)),
	vendor("age", "https://age-encryption.org/v1", anywhere("AGE-SECRET-KEY-1", upperNum, 20), anywhere("AGE-PLUGIN-", upperDash, 40)),
	vendor("scaleway", "https://www.scaleway.com/en/docs/iam/concepts", word("SCW", upperNum, 17, exactSCW)),
	vendor("prefect", "https://docs.prefect.io/latest/cloud/users/api-keys", word("pnu_", alnum, 24, nil), word("pnb_", alnum, 24, nil)),
	vendor("cockroach", "https://www.cockroachlabs.com/docs/cockroachcloud/managing-access", word("CCDB1_", base64url, 30, nil)),
	vendor("clickhouse", "https://clickhouse.com/docs/cloud/manage/openapi", word("4b1d", alnum, 38, exactly(38))),
	vendor("harness", "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys", word("pat.", dotted, 60, mixed), word("sat.", dotted, 60, mixed)),

	// Code, packages, builds and what watches them.
	vendor("github", "https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github",
		anywhere("ghp_", base64url, 12), anywhere("gho_", base64url, 12), anywhere("ghu_", base64url, 12), anywhere("ghs_", dotted, 12), anywhere("ghr_", base64url, 12), anywhere("github_pat_", base64url, 12)),
	vendor("gitlab", "https://docs.gitlab.com/security/tokens/#token-prefixes",
		anywhere("glpat-", dotted, 12), anywhere("gldt-", dotted, 12), anywhere("glrt-", dotted, 12), anywhere("glrtr-", dotted, 12), anywhere("glcbt-", dotted, 12), anywhere("glptt-", dotted, 12),
		anywhere("glft-", dotted, 12), anywhere("glimt-", dotted, 12), anywhere("glagent-", dotted, 12), anywhere("gloas-", dotted, 12), anywhere("glsoat-", dotted, 12), anywhere("glffct-", dotted, 12),
		anywhere("glwt-", dotted, 12), word("GR1348941", base64url, 16, nil)),
	vendor("atlassian", "https://support.atlassian.com/bitbucket-cloud/docs/using-access-tokens; https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account",
		word("ATBB", alnum, 24, mixed), word("ATCTT3", base64urlEq, 20, nil), word("ATATT3", base64urlEq, 20, nil), word("ATTA", alnum, 60, mixed), word("ATOA", base64urlEq, 40, mixed)),
	vendor("sourcegraph", "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token", word("sgp_", alnumUnder, 30, hasDigit), word("slk_", hexDigit, 40, nil)),
	vendor("npm", "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format", anywhere("npm_", alnum, 20)),
	vendor("pypi", "https://docs.pypi.org/api/secrets", anywhere("pypi-AgE", base64url, 16)),
	vendor("rubygems", "https://guides.rubygems.org/api-key-scopes", anywhere("rubygems_", hexDigit, 20)),
	vendor("nuget", "https://learn.microsoft.com/nuget/nuget-org/scoped-api-keys", word("oy2", lowerNum, 43, lowerMixed)),
	vendor("clojars", "https://github.com/clojars/clojars-web/wiki/Deploy-Tokens", anywhere("CLOJARS_", alnum, 20)),
	vendor("crates", "https://doc.rust-lang.org/cargo/reference/publishing.html", word("cio", alnum, 32, exactly(32))),
	vendor("snyk", "https://docs.snyk.io/snyk-api/authentication-for-api", anywhere("snyk_uat.", dotted, 16), anywhere("snyk_sat.", dotted, 16)),
	vendor("sonar", "https://docs.sonarsource.com/sonarqube/latest/user-guide/user-account/generating-and-using-tokens", word("sqp_", hexDigit, 32, nil), word("squ_", hexDigit, 32, nil), word("sqa_", hexDigit, 32, nil), word("sqb_", hexDigit, 32, nil)),
	vendor("linear", "https://linear.app/developers/graphql", anywhere("lin_api_", alnum, 20), anywhere("lin_oauth_", alnum, 20), anywhere("lin_wh_", alnum, 20)),
	vendor("notion", "https://developers.notion.com/docs/authorization", word("ntn_", alnum, 30, mixed), word("secret_", alnum, 30, mixed)),
	vendor("figma", "https://www.figma.com/developers/api#access-tokens", anywhere("figd_", base64url, 20), anywhere("figo_", base64url, 20), anywhere("figu_", base64url, 20)),
	vendor("octopus", "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key", word("API-", upperNum, 25, lowerMixed)),
	vendor("buildkite", "https://buildkite.com/docs/apis/managing-api-tokens", word("bkua_", hexDigit, 32, nil), word("bkct_", alnum, 24, nil), word("bkaj_", dotted, 24, nil), word("bkpt_", alnum, 24, nil), word("bkpat_", alnum, 24, nil)),
	vendor("circleci", "https://circleci.com/docs/managing-api-tokens", anywhere("CCIPAT_", base64url, 20), anywhere("CCIPRJ_", base64url, 20)),
	vendor("readme", "https://docs.readme.com/main/reference/authentication", word("rdme_", lowerNum, 40, nil)),
	vendor("sentry", "https://docs.sentry.io/account/auth-tokens", anywhere("sntrys_", base64any, 20), anywhere("sntryu_", hexDigit, 20), anywhere("sntrya_", hexDigit, 20), anywhere("sntryi_", hexDigit, 20)),
	vendor("new-relic", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys", anywhere("NRAK-", alnum, 16), anywhere("NRJS-", alnum, 16), anywhere("NRII-", base64url, 16), anywhere("NRIQ-", base64url, 16), anywhere("NRRA-", alnum, 16), anywhere("NRSP-", alnum, 16), anywhere("NRAA-", alnum, 16), anywhere("NRAL", alnum, 24)),
	vendor("grafana", "https://grafana.com/docs/grafana/latest/administration/service-accounts", anywhere("glsa_", base64url, 20), word("glc_", base64std, 20, nil), word("eyJrIjoi", base64std, 40, nil)),
	vendor("launchdarkly", "https://launchdarkly.com/docs/home/account/api", word("api-", hexDash, 36, isUUID), word("sdk-", hexDash, 36, isUUID), word("mob-", hexDash, 36, isUUID), word("rel-", hexDash, 36, isUUID)),
	vendor("posthog", "https://posthog.com/docs/api", word("phx_", alnum, 24, nil), word("phc_", alnum, 24, nil), word("phs_", alnum, 24, nil), word("pha_", alnum, 24, nil), word("phr_", alnum, 24, nil)),
	vendor("honeycomb", "https://docs.honeycomb.io/get-started/configure/environments/manage-api-keys", word("hcaik_", lowerNum, 30, nil), word("hcxik_", lowerNum, 30, nil), word("hcalk_", lowerNum, 30, nil), word("hcamk_", lowerNum, 30, nil), word("hcxlk_", lowerNum, 30, nil), word("hcxmk_", lowerNum, 30, nil)),
	vendor("docker", "https://docs.docker.com/security/access-tokens", anywhere("dckr_pat_", base64url, 16), anywhere("dckr_oat_", base64url, 16)),
	vendor("postman", "https://learning.postman.com/docs/developer/postman-api/authentication", anywhere("PMAK-", alnumDash, 24), anywhere("PMAT-", alnum, 24)),
	vendor("contentful", "https://www.contentful.com/developers/docs/references/authentication", anywhere("CFPAT-", base64url, 20)),
	vendor("typeform", "https://www.typeform.com/developers/get-started/personal-access-token", word("tfp_", base64url, 30, nil)),
	vendor("adafruit", "https://io.adafruit.com/api/docs", word("aio_", alnum, 26, mixed)),
	vendor("adobe", "https://developer.adobe.com/developer-console/docs/guides/authentication", word("p8e-", base64url, 28, keyMaterial)),
	vendor("frameio", "https://developer.frame.io/docs/getting-started/authentication", anywhere("fio-u-", base64url, 30)),
	vendor("unity-of-others", "https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns",
		word("retool_", alnum, 24, nil), word("dvc_", alnum, 30, mixed), word("zpka_", alnumUnder, 24, nil), word("signkey-", base64url, 24, keyMaterial), word("tr_dev_", alnum, 16, nil), word("tr_prod_", alnum, 16, nil),
		word("unkey_", alnum, 16, mixed), word("ion_", alnum, 32, mixed), word("mzp_", hexDigit, 32, nil), word("rapi_", alnum, 32, mixed), word("dnkey-", base64url, 24, keyMaterial), word("tk-us-", base64url, 40, mixed),
		word("ubtc_", alnum, 32, mixed), word("at_", alnum, 40, mixed), word("r_", alnum, 40, mixed)),

	// Payment.
	vendor("stripe", "https://docs.stripe.com/keys; https://docs.stripe.com/webhooks",
		anywhere("sk_live_", alnum, 10), anywhere("rk_live_", alnum, 10), anywhere("pk_live_", alnum, 10), anywhere("sk_test_", alnum, 10), anywhere("rk_test_", alnum, 10), word("pk_test_", alnum, 10, hasDigit),
		word("sk_prod_", alnum, 16, nil), word("rk_prod_", alnum, 16, nil), word("ek_live_", base64url, 16, nil), word("ek_test_", base64url, 16, nil), anywhere("whsec_", base64std, 16),
		word("pi_", alnumUnder, 20, clientSecret), word("seti_", alnumUnder, 20, clientSecret), word("cs_", alnumUnder, 20, clientSecret), word("src_", alnumUnder, 20, clientSecret), word("sub_", alnumUnder, 20, clientSecret), word("in_", alnumUnder, 20, clientSecret)),
	vendor("square", "https://developer.squareup.com/docs/build-basics/access-tokens", anywhere("sq0csp-", base64url, 20), anywhere("sq0atp-", base64url, 20), word("sq0idp-", base64url, 20, nil), word("EAAA", base64url, 50, mixed)),
	vendor("paypal", "https://developer.paypal.com/api/rest/authentication", word("A21AA", base64url, 40, mixed), word("A101.", base64url, 40, mixed), anywhere("access_token$production$", alnumDollar, 16), anywhere("access_token$sandbox$", alnumDollar, 16)),
	vendor("razorpay", "https://razorpay.com/docs/api/authentication", word("rzp_live_", alnum, 12, nil), word("rzp_test_", alnum, 12, nil)),
	vendor("shopify", "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
		anywhere("shpat_", hexDigit, 20), anywhere("shpca_", hexDigit, 20), anywhere("shppa_", hexDigit, 20), anywhere("shpss_", hexDigit, 20), anywhere("shpua_", hexDigit, 20), anywhere("shptka_", hexDigit, 20)),
	vendor("shippo", "https://docs.goshippo.com/docs/guides_general/authentication", word("shippo_live_", hexDigit, 20, nil), word("shippo_test_", hexDigit, 20, nil)),
	vendor("plaid", "https://plaid.com/docs/api/tokens", word("access-production-", hexDash, 36, isUUID), word("access-sandbox-", hexDash, 36, isUUID), word("access-development-", hexDash, 36, isUUID),
		word("public-production-", hexDash, 36, isUUID), word("public-sandbox-", hexDash, 36, isUUID), word("link-production-", hexDash, 36, isUUID), word("link-sandbox-", hexDash, 36, isUUID)),
	vendor("duffel", "https://duffel.com/docs/api/overview/authentication", anywhere("duffel_live_", base64urlEq, 20), anywhere("duffel_test_", base64urlEq, 20)),
	vendor("paddle", "https://developer.paddle.com/api-reference/about/api-keys", anywhere("pdl_live_apikey_", alnumUnder, 20), anywhere("pdl_sdbx_apikey_", alnumUnder, 20), word("pdl_ntfset_", alnumUnder, 30, nil)),
	vendor("flutterwave", "https://developer.flutterwave.com/docs/authentication", anywhere("FLWSECK-", alnumDash, 20), anywhere("FLWSECK_TEST-", alnumDash, 10), anywhere("FLWPUBK-", alnumDash, 20), anywhere("FLWPUBK_TEST-", alnumDash, 20)),
	vendor("easypost", "https://docs.easypost.com/docs/authentication", word("EZAK", alnum, 40, mixed), word("EZTK", alnum, 40, mixed)),
	vendor("adyen", "https://docs.adyen.com/development-resources/api-credentials", word("AQE", base64any, 80, mixed)),
	vendor("mollie", "https://docs.mollie.com/reference/authentication", word("live_", alnum, 28, mixed), word("test_", alnum, 28, mixed), anywhere("access_live_", alnum, 20)),
	vendor("coinbase", "https://docs.cdp.coinbase.com/get-started/docs/cdp-api-keys", word("coinbase-commerce-", alnumDash, 20, keyMaterial)),
	vendor("klarna", "https://docs.klarna.com/api/authentication", word("klarna_live_api_", base64any, 20, nil), word("klarna_test_api_", base64any, 20, nil)),

	// Language models.
	vendor("anthropic", "https://docs.anthropic.com/en/api/getting-started", anywhere("sk-ant-", base64url, 10)),
	vendor("openai", "https://platform.openai.com/docs/api-reference/authentication (sk-, which DeepSeek, OpenRouter, Moonshot and others follow)",
		anywhere("sk-proj-", base64url, 10), anywhere("sk-svcacct-", base64url, 10), anywhere("sk-admin-", base64url, 10), word("sk-", base64url, 12, keyMaterial), word("ek_", hexDigit, 24, nil), word("sess-", alnum, 32, mixed)),
	vendor("hugging-face", "https://huggingface.co/docs/hub/security-tokens", word("hf_", alnum, 20, nil), anywhere("api_org_", alnum, 20)),
	vendor("groq", "https://console.groq.com/docs/quickstart", word("gsk_", alnum, 20, nil)),
	vendor("xai", "https://docs.x.ai/docs/tutorial", word("xai-", alnumDash, 20, keyMaterial)),
	vendor("replicate", "https://replicate.com/docs/topics/security/api-tokens", word("r8_", alnum, 20, nil)),
	vendor("perplexity", "https://docs.perplexity.ai/getting-started/quickstart", word("pplx-", alnum, 20, keyMaterial)),
	vendor("langfuse", "https://langfuse.com/docs/api", word("sk-lf-", hexDash, 36, isUUID), word("pk-lf-", hexDash, 36, isUUID)),
	vendor("nvidia", "https://docs.nvidia.com/nim/large-language-models/latest/getting-started.html", anywhere("nvapi-", base64url, 20)),
	vendor("pinecone", "https://docs.pinecone.io/guides/projects/manage-api-keys", anywhere("pcsk_", base64url, 20), word("pclocal", alnum, 30, mixed)),
	vendor("tavily", "https://docs.tavily.com/documentation/quickstart", word("tvly-", alnumDash, 16, hasDigit)),
	vendor("voyage", "https://docs.voyageai.com/docs/api-key-and-installation", word("pa-", base64url, 36, mixed), word("al-", base64url, 36, mixed)),
	vendor("anyscale", "https://docs.anyscale.com/endpoints/text-generation/query-a-model", word("esecret_", alnum, 16, nil)),
	vendor("langsmith", "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key", anywhere("lsv2_pt_", alnumUnder, 20), anywhere("lsv2_sk_", alnumUnder, 20), word("ls__", hexDigit, 24, nil)),
	vendor("fireworks", "https://docs.fireworks.ai/getting-started/quickstart", word("fw_", alnum, 22, mixed), word("fpk_", alnum, 22, mixed)),
	vendor("together", "https://docs.together.ai/docs/quickstart", anywhere("tgp_v1_", base64url, 20)),
	vendor("cerebras", "https://inference-docs.cerebras.ai/quickstart", word("csk-", alnum, 24, keyMaterial)),
	vendor("jina", "https://jina.ai/embeddings", word("jina_", base64url, 30, mixed)),
	vendor("llamaindex", "https://docs.cloud.llamaindex.ai/api_key", word("llx-", alnum, 24, keyMaterial)),
	vendor("firecrawl", "https://docs.firecrawl.dev/introduction", word("fc-", hexDigit, 28, nil)),
	vendor("elevenlabs", "https://elevenlabs.io/docs/api-reference/authentication", word("sk_", hexDigit, 40, nil), word("xi-", hexDigit, 28, nil)),
	vendor("runpod", "https://docs.runpod.io/get-started/api-keys", word("rpa_", upperNum, 24, hasDigit)),
	vendor("modal", "https://modal.com/docs/reference/modal.config", word("ak-", alnum, 20, exactly(22)), word("as-", alnum, 20, exactly(22))),
	vendor("baidu", "https://cloud.baidu.com/doc/WENXINWORKSHOP/s/Um2wxbaps", anywhere("bce-v3/ALTAK-", webhook, 16)),
	vendor("weights-and-biases", "https://docs.wandb.ai/quickstart", word("wandb_v1_", base64url, 20, nil), word("local-", hexDigit, 40, nil)),
	vendor("llm-tools", "https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns",
		word("bb_live_", base64url, 16, nil), word("bb_test_", base64url, 16, nil), word("e2b_", hexDigit, 32, nil), word("m0-", alnum, 32, keyMaterial), word("up_", alnum, 24, mixed), word("app-", alnum, 24, exactly(24)), word("dataset-", alnum, 24, exactly(24)),
		word("luma-", base64url, 40, keyMaterial), word("pk-helicone-", alnumDash, 16, nil), word("sk-helicone-", alnumDash, 16, nil), word("sk_car_", alnum, 16, nil), word("nk-", base64url, 40, mixed), word("composio_", alnum, 20, mixed), word("gsk-", alnum, 30, mixed)),

	// Messaging and people's data.
	vendor("slack", "https://api.slack.com/authentication/token-types; https://api.slack.com/messaging/webhooks",
		checked("xoxb-", hasDigit), checked("xoxp-", hasDigit), checked("xoxa-", hasDigit), checked("xoxr-", hasDigit), checked("xoxs-", hasDigit), checked("xoxc-", hasDigit), checked("xoxo-", keyMaterial),
		token{prefix: "xoxd-", body: percent, min: 16, check: hasDigit}, checked("xoxe-", hasDigit), checked("xoxe.xoxb-", hasDigit), checked("xoxe.xoxp-", hasDigit), checked("xapp-", hasDigit),
		anywhere("hooks.slack.com/services/", webhook, 12), anywhere("hooks.slack.com/triggers/", webhook, 12), anywhere("hooks.slack.com/workflows/", webhook, 12)),
	vendor("webhook", "https://discord.com/developers/docs/resources/webhook; https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
		anywhere("discord.com/api/webhooks/", webhook, 12), anywhere("discordapp.com/api/webhooks/", webhook, 12), anywhere("webhook.office.com/webhookb2/", webhookAt, 12), anywhere("outlook.office.com/webhook/", webhookAt, 12),
		anywhere("hooks.zapier.com/hooks/catch/", webhook, 8), anywhere("maker.ifttt.com/trigger/", webhook, 12), anywhere("open.feishu.cn/open-apis/bot/v2/hook/", webhook, 12), anywhere("open.larksuite.com/open-apis/bot/v2/hook/", webhook, 12)),
	vendor("discord", "https://discord.com/developers/docs/reference#authentication", word("mfa.", base64url, 60, mixed)),
	vendor("twilio", "https://www.twilio.com/docs/glossary/what-is-a-sid", word("SK", hexDigit, 32, nil)),
	vendor("sendgrid", "https://www.twilio.com/docs/sendgrid/api-reference/api-keys", word("SG.", dotted, 20, keyMaterial)),
	vendor("brevo", "https://developers.brevo.com/docs/getting-started", anywhere("xkeysib-", alnumDash, 20), anywhere("xsmtpsib-", alnumDash, 20)),
	vendor("mailgun", "https://documentation.mailgun.com/docs/mailgun/api-reference/authentication", word("key-", hexDigit, 32, nil), word("pubkey-", hexDigit, 32, nil)),
	vendor("resend", "https://resend.com/docs/api-reference/introduction", word("re_", base64url, 24, mixed)),
	vendor("facebook", "https://developers.facebook.com/docs/facebook-login/guides/access-tokens", word("EAA", alnum, 60, mixed), word("IGQV", base64url, 40, mixed), word("IGAA", base64url, 40, mixed), word("THAA", base64url, 40, mixed)),
	vendor("twitter", "https://developer.x.com/en/docs/authentication/oauth-2-0/bearer-tokens", word("AAAAAAAAAAAAAAAAAAAA", percent, 30, mixed)),
	vendor("twitch", "https://dev.twitch.tv/docs/irc/authenticate-bot", word("oauth:", lowerNum, 28, lowerMixed)),
	vendor("hubspot", "https://developers.hubspot.com/docs/guides/apps/private-apps/overview", word("pat-na1-", hexDash, 30, nil), word("pat-na2-", hexDash, 30, nil), word("pat-eu1-", hexDash, 30, nil), word("pat-ap1-", hexDash, 30, nil)),
	vendor("expo", "https://docs.expo.dev/push-notifications/sending-notifications", anywhere("ExponentPushToken[", base64url, 12), anywhere("ExpoPushToken[", base64url, 12)),
	vendor("mapbox", "https://docs.mapbox.com/help/getting-started/access-tokens", word("sk.eyJ", dotted, 30, nil), word("pk.eyJ", dotted, 30, nil), word("tk.eyJ", dotted, 30, nil)),
	vendor("onesignal", "https://documentation.onesignal.com/docs/keys-and-ids", anywhere("os_v2_app_", lowerNum, 30), anywhere("os_v2_org_", lowerNum, 30)),
	vendor("customerio", "https://docs.github.com/code-security/secret-scanning/introduction/supported-secret-scanning-patterns", word("lob_live_", alnum, 20, nil), word("pk_prod_", alnum, 20, nil), word("dG9rO", base64std, 40, mixed)),
	vendor("ntfy", "https://docs.ntfy.sh/config/#access-tokens", word("tk_", lowerNum, 29, lowerMixed)),
	{Name: "pem-base64", Kind: Secret, Source: "RFC 7468 in base64 (RFC 4648)", tokens: encodedPEM("PRI", "RSA ", "EC P", "OPEN", "ENCR", "DSA ")},
	vendor("jwt-base64", "RFC 7519 in base64 (RFC 4648) once more", word("ZXlK", base64std, 40, mixed)),
	vendor("paseto", "https://github.com/paseto-standard/paseto-spec", word("v1.local.", dotted, 24, nil), word("v2.local.", dotted, 24, nil), word("v3.local.", dotted, 24, nil), word("v4.local.", dotted, 24, nil),
		word("v1.public.", dotted, 24, nil), word("v2.public.", dotted, 24, nil), word("v3.public.", dotted, 24, nil), word("v4.public.", dotted, 24, nil)),
}

func vendor(name, source string, tokens ...token) Rule {
	return Rule{Name: name, Kind: Secret, Source: source, tokens: tokens}
}

// checked is a token of base64url anywhere in a text, that check tells from words.
func checked(prefix string, check func(string) bool) token {
	return token{prefix: prefix, body: base64url, min: 10, check: check}
}

// encodedPEM are the heads of private keys of the given labels, in base64.
func encodedPEM(labels ...string) (tokens []token) {
	for _, l := range labels {
		head := "-----BEGIN " + l
		head = head[:len(head)/3*3]
		tokens = append(tokens, word(base64.StdEncoding.EncodeToString([]byte(head)), base64any, 40, nil))
	}
	return tokens
}

func exactSCW(body string) bool { return len(body) == 17 && lowerMixed(body) }

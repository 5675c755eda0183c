package llmtel

import (
	"net/http"
	"strings"
)

// An endpoint is what the address of a request tells.
type endpoint struct {
	provider  string // of OpenTelemetry's list, where that has it
	operation string
	model     string // "" where the body has it
	stream    bool
}

// Operations. All of OpenTelemetry but rerank.
const (
	opChat       = "chat"
	opGenerate   = "generate_content"
	opCompletion = "text_completion"
	opEmbeddings = "embeddings"
	opRerank     = "rerank"
)

// Providers by the ends of their host names.
// Source: https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/registry/attributes/gen-ai.md
var hosts = []struct{ suffix, provider string }{
	{"generativelanguage.googleapis.com", "gcp.gemini"},
	{"aiplatform.googleapis.com", "gcp.vertex_ai"},
	{"api.openai.com", "openai"},
	{".openai.azure.com", "azure.ai.openai"},
	{".cognitiveservices.azure.com", "azure.ai.openai"},
	{".ai.azure.com", "azure.ai.inference"},
	{"api.anthropic.com", "anthropic"},
	{"api.mistral.ai", "mistral_ai"},
	{"codestral.mistral.ai", "mistral_ai"},
	{"api.cohere.com", "cohere"},
	{"api.cohere.ai", "cohere"},
	{"api.groq.com", "groq"},
	{"api.deepseek.com", "deepseek"},
	{"api.x.ai", "x_ai"},
	{"api.perplexity.ai", "perplexity"},
	{"api.moonshot.ai", "moonshot_ai"},
	{"api.moonshot.cn", "moonshot_ai"},
	{".ml.cloud.ibm.com", "ibm.watsonx.ai"},
	{"openrouter.ai", "openrouter"},
	{"api.together.xyz", "together_ai"},
	{"api.fireworks.ai", "fireworks_ai"},
}

func byHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.Contains(host, "bedrock-runtime") && (strings.Contains(host, ".amazonaws.") || strings.HasSuffix(host, ".api.aws")) {
		return "aws.bedrock"
	}
	if strings.HasPrefix(host, "aiplatform.") && strings.HasSuffix(host, ".rep.googleapis.com") {
		return "gcp.vertex_ai"
	}
	for _, h := range hosts {
		if prefix, ok := strings.CutSuffix(host, h.suffix); ok {
			if prefix == "" || h.suffix[0] == '.' || strings.HasSuffix(prefix, ".") || strings.HasSuffix(prefix, "-") {
				return h.provider
			}
		}
	}
	return ""
}

// ends are the ends of paths, with the provider whose format it is. Longer ones come first.
var ends = []struct {
	suffix, provider, operation string
}{
	{"/chat/completions", "openai", opChat},
	{"/fim/completions", "mistral_ai", opCompletion},
	{"/completions", "openai", opCompletion},
	{"/responses", "openai", opChat},
	{"/interactions", "gcp.gemini", opGenerate},
	{"/v1/messages", "anthropic", opChat},
	{"/v1/complete", "anthropic", opCompletion},
	{"/api/chat", "ollama", opChat},
	{"/api/generate", "ollama", opCompletion},
	{"/api/embed", "ollama", opEmbeddings},
	{"/api/embeddings", "ollama", opEmbeddings},
	{"/embeddings", "openai", opEmbeddings},
	{"/v1/chat", "cohere", opChat},
	{"/v2/chat", "cohere", opChat},
	{"/v1/generate", "cohere", opCompletion},
	{"/v1/embed", "cohere", opEmbeddings},
	{"/v2/embed", "cohere", opEmbeddings},
	{"/v1/rerank", "cohere", opRerank},
	{"/v2/rerank", "cohere", opRerank},
}

// locate tells what a request is for, or that it is for nothing of interest. The host
// names the provider; where it is not known, as that of a gateway, the path does.
func locate(req *http.Request) (e endpoint, ok bool) {
	if req.URL == nil || req.Method != http.MethodPost {
		return e, false
	}
	path := strings.TrimSuffix(req.URL.Path, "/")
	switch {
	case e.google(path), e.bedrock(path):
	default:
		for _, end := range ends {
			if strings.HasSuffix(path, end.suffix) {
				e.provider, e.operation = end.provider, end.operation
				break
			}
		}
		if _, rest, found := strings.Cut(path, "/openai/deployments/"); found { // Azure
			e.provider = "azure.ai.openai"
			e.model, _, _ = strings.Cut(rest, "/")
		}
	}
	if e.operation == "" {
		return e, false
	}
	switch host := byHost(req.URL.Hostname()); {
	case host == "azure.ai.inference" && strings.Contains(path, "/openai/"):
		e.provider = "azure.ai.openai"
	case host == "azure.ai.inference" && e.provider == "anthropic":
	case host != "":
		e.provider = host
	case req.URL.Port() == "11434" && e.provider == "openai":
		e.provider = "ollama"
	}
	return e, true
}

// googleMethods are what Gemini and Vertex can do with a model.
var googleMethods = map[string]endpoint{
	"generateContent": {operation: opGenerate}, "streamGenerateContent": {operation: opGenerate, stream: true}, "predict": {operation: opGenerate},
	"embedContent": {operation: opEmbeddings}, "batchEmbedContents": {operation: opEmbeddings}, "asyncBatchEmbedContent": {operation: opEmbeddings},
	"rawPredict": {operation: opChat}, "streamRawPredict": {operation: opChat, stream: true},
}

// google reads …/models/MODEL:method.
// Sources: https://ai.google.dev/api/generate-content,
// https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest
func (e *endpoint) google(path string) bool {
	slash := strings.LastIndexByte(path, '/')
	dir, last := path[:slash+1], path[slash+1:]
	colon := strings.LastIndexByte(last, ':') // names of models may have some of their own
	if colon < 0 {
		return false
	}
	model, method := last[:colon], last[colon+1:]
	known, ok := googleMethods[method]
	if !ok {
		return false
	}
	*e = known
	if method == "predict" && strings.Contains(model, "embedding") {
		e.operation = opEmbeddings
	}
	e.model, e.provider = model, "gcp.gemini"
	if strings.Contains(dir, "/projects/") || strings.Contains(dir, "/publishers/") {
		e.provider = "gcp.vertex_ai"
	}
	return true
}

// bedrock reads /model/ID/action, where the id may be an ARN with slashes, escaped.
// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
func (e *endpoint) bedrock(path string) bool {
	_, rest, found := strings.Cut(path, "/model/")
	i := strings.LastIndexByte(rest, '/')
	if !found || i <= 0 {
		return false
	}
	e.operation = opChat
	switch rest[i+1:] {
	case "converse":
	case "converse-stream", "invoke-with-response-stream":
		e.stream = true
	case "invoke":
		if strings.Contains(rest[:i], "embed") {
			e.operation = opEmbeddings
		} else if strings.Contains(rest[:i], "rerank") {
			e.operation = opRerank
		}
	default:
		e.operation = ""
		return false
	}
	e.provider, e.model = "aws.bedrock", rest[:i]
	return true
}

// scopeName is one of a few names.
func (e endpoint) scopeName() string {
	if e.operation == opGenerate {
		return "llm.chat"
	}
	return "llm." + e.operation
}

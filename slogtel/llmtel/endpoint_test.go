package llmtel

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLocate(t *testing.T) {
	for url, want := range map[string]endpoint{
		"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent":                                            {"gcp.gemini", opGenerate, "gemini-2.5-pro", false},
		"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse":                              {"gcp.gemini", opGenerate, "gemini-2.5-pro", true},
		"https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents":                                   {"gcp.gemini", opEmbeddings, "gemini-embedding-001", false},
		"https://generativelanguage.googleapis.com/v1beta/openai/chat/completions":                                                          {"gcp.gemini", opChat, "", false},
		"https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/g:generateContent":      {"gcp.vertex_ai", opGenerate, "g", false},
		"https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@1:streamRawPredict": {"gcp.vertex_ai", opChat, "claude-sonnet-4-5@1", true},
		"https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict":       {"gcp.vertex_ai", opEmbeddings, "text-embedding-005", false},
		"https://api.openai.com/v1/chat/completions":                                                                                        {"openai", opChat, "", false},
		"https://api.openai.com/v1/responses":                                                          {"openai", opChat, "", false},
		"https://api.openai.com/v1/embeddings/":                                                        {"openai", opEmbeddings, "", false},
		"https://api.openai.com/v1/completions":                                                        {"openai", opCompletion, "", false},
		"https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21":      {"azure.ai.openai", opChat, "d", false},
		"https://r.openai.azure.com/openai/deployments/e/embeddings?api-version=2024-10-21":            {"azure.ai.openai", opEmbeddings, "e", false},
		"https://r.openai.azure.com/openai/v1/responses":                                               {"azure.ai.openai", opChat, "", false},
		"https://r.services.ai.azure.com/openai/v1/chat/completions":                                   {"azure.ai.openai", opChat, "", false},
		"https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview":       {"azure.ai.inference", opChat, "", false},
		"https://r.services.ai.azure.com/anthropic/v1/messages":                                        {"anthropic", opChat, "", false},
		"https://api.anthropic.com/v1/messages":                                                        {"anthropic", opChat, "", false},
		"https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-v1%3A0/invoke": {"aws.bedrock", opChat, "anthropic.claude-3-haiku-v1:0", false},
		"https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.titan-embed-text-v2:0/invoke":    {"aws.bedrock", opEmbeddings, "amazon.titan-embed-text-v2:0", false},
		"https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream":                      {"aws.bedrock", opChat, "m", true},
		"https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/chat/completions":                   {"aws.bedrock", opChat, "", false},
		"https://api.mistral.ai/v1/chat/completions":                                                   {"mistral_ai", opChat, "", false},
		"https://api.mistral.ai/v1/fim/completions":                                                    {"mistral_ai", opCompletion, "", false},
		"https://api.cohere.com/v2/chat":                                                               {"cohere", opChat, "", false},
		"https://api.cohere.com/v2/embed":                                                              {"cohere", opEmbeddings, "", false},
		"https://api.cohere.com/v2/rerank":                                                             {"cohere", opRerank, "", false},
		"http://localhost:11434/api/chat":                                                              {"ollama", opChat, "", false},
		"http://localhost:11434/api/embed":                                                             {"ollama", opEmbeddings, "", false},
		"http://localhost:11434/v1/chat/completions":                                                   {"ollama", opChat, "", false},
		"https://api.groq.com/openai/v1/chat/completions":                                              {"groq", opChat, "", false},
		"https://api.x.ai/v1/chat/completions":                                                         {"x_ai", opChat, "", false},
		"https://gateway.internal/llm/v1/chat/completions":                                             {"openai", opChat, "", false},
		"https://evil-api.openai.com.example.org/v1/messages":                                          {"anthropic", opChat, "", false},
	} {
		got, ok := locate(httptest.NewRequest(http.MethodPost, url, nil))
		assert.True(t, ok, url)
		assert.Equal(t, want, got, url)
	}
	for _, url := range []string{
		"https://api.openai.com/v1/files", "https://api.openai.com/v1/models", "https://api.anthropic.com/v1/messages/count_tokens",
		"https://generativelanguage.googleapis.com/v1beta/models/g:countTokens", "https://generativelanguage.googleapis.com/v1beta/models",
		"https://bedrock-runtime.us-east-1.amazonaws.com/model/m/other", "https://example.org/a:b", "https://example.org/",
	} {
		_, ok := locate(httptest.NewRequest(http.MethodPost, url, nil))
		assert.False(t, ok, url)
	}
	_, ok := locate(httptest.NewRequest(http.MethodGet, "https://api.openai.com/v1/responses", nil))
	assert.False(t, ok, "what is read back was recorded when it was made")
	_, ok = locate(&http.Request{Method: http.MethodPost})
	assert.False(t, ok)
}

// Command keploy-decoder reads the tests of a set the way Keploy does, and prints what it understood as JSON.
//
// Usage: keploy-decoder keploy|current FOLDER
//
// keploy uses Keploy's own decoder, as published in the last version that the Go proxy serves. Its test model is of
// its time: noise is a list, and bodies are strings. current decodes with the YAML library that Keploy still uses into
// the fields that its present files have.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	"go.keploy.io/server/pkg/platform/fs"
	"gopkg.in/yaml.v3"
)

type decoded struct {
	Name         string              `json:"name"`
	Method       string              `json:"method"`
	URL          string              `json:"url"`
	URLParams    map[string]string   `json:"urlParams,omitempty"`
	RequestHead  map[string]string   `json:"requestHeaders"`
	RequestBody  string              `json:"requestBody"`
	BodyRef      string              `json:"bodyRef,omitempty"`
	RequestTime  string              `json:"requestTime,omitempty"`
	Status       int                 `json:"status"`
	Message      string              `json:"statusMessage,omitempty"`
	ResponseHead map[string]string   `json:"responseHeaders"`
	ResponseBody string              `json:"responseBody"`
	Events       []event             `json:"events,omitempty"`
	Noise        map[string][]string `json:"noise,omitempty"`
	Created      int64               `json:"created"`
	AppPort      uint16              `json:"appPort,omitempty"`
	Curl         string              `json:"curl,omitempty"`
}

type event struct {
	At   string            `json:"at" yaml:"ts"`
	Data map[string]string `json:"data" yaml:"data"`
}

type document struct {
	Version string `yaml:"version"`
	Kind    string `yaml:"kind"`
	Name    string `yaml:"name"`
	Curl    string `yaml:"curl"`
	Spec    struct {
		Metadata map[string]string `yaml:"metadata"`
		Req      struct {
			Method    string            `yaml:"method"`
			Major     int               `yaml:"proto_major"`
			Minor     int               `yaml:"proto_minor"`
			URL       string            `yaml:"url"`
			URLParams map[string]string `yaml:"url_params"`
			Header    map[string]string `yaml:"header"`
			Body      string            `yaml:"body"`
			BodyRef   struct {
				Path string `yaml:"path"`
				Size int64  `yaml:"size"`
			} `yaml:"body_ref"`
			Timestamp time.Time `yaml:"timestamp"`
		} `yaml:"req"`
		Resp struct {
			Status    int               `yaml:"status_code"`
			Header    map[string]string `yaml:"header"`
			Body      yaml.Node         `yaml:"body"`
			Message   string            `yaml:"status_message"`
			Timestamp time.Time         `yaml:"timestamp"`
		} `yaml:"resp"`
		Assertions struct {
			Noise map[string][]string `yaml:"noise"`
		} `yaml:"assertions"`
		Created int64  `yaml:"created"`
		AppPort uint16 `yaml:"app_port"`
	} `yaml:"spec"`
}

// Bodies are bytes; JSON strings are not.
func encode(body string) string { return base64.StdEncoding.EncodeToString([]byte(body)) }

func withKeploy(folder string) ([]decoded, error) {
	tests, err := fs.NewMockExportFS(true).ReadAll(context.Background(), folder, folder, "")
	if err != nil {
		return nil, err
	}
	var all []decoded
	for _, test := range tests {
		head := func(header map[string][]string) map[string]string {
			flat := map[string]string{}
			for name, values := range header {
				for at, value := range values {
					if at > 0 {
						value = flat[name] + "," + value
					}
					flat[name] = value
				}
			}
			return flat
		}
		all = append(all, decoded{
			Name: test.ID, Method: string(test.HttpReq.Method), URL: test.HttpReq.URL, URLParams: test.HttpReq.URLParams,
			RequestHead: head(test.HttpReq.Header), RequestBody: encode(test.HttpReq.Body),
			Status: test.HttpResp.StatusCode, ResponseHead: head(test.HttpResp.Header),
			ResponseBody: encode(test.HttpResp.Body), Created: test.Captured,
		})
	}
	return all, nil
}

func withCurrent(folder string) ([]decoded, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []decoded
	for _, file := range files {
		reader, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer reader.Close()
		var doc document
		if err := yaml.NewDecoder(reader).Decode(&doc); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		spec := doc.Spec
		test := decoded{
			Name: doc.Name, Method: spec.Req.Method, URL: spec.Req.URL, URLParams: spec.Req.URLParams,
			RequestHead: spec.Req.Header, RequestBody: encode(spec.Req.Body), BodyRef: spec.Req.BodyRef.Path,
			RequestTime: spec.Req.Timestamp.UTC().Format(time.RFC3339Nano),
			Status:      spec.Resp.Status, Message: spec.Resp.Message, ResponseHead: spec.Resp.Header,
			Noise: spec.Assertions.Noise, Created: spec.Created, AppPort: spec.AppPort, Curl: doc.Curl,
		}
		if spec.Resp.Body.Kind == yaml.SequenceNode {
			if err := spec.Resp.Body.Decode(&test.Events); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		} else {
			var body string
			if err := spec.Resp.Body.Decode(&body); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			test.ResponseBody = encode(body)
		}
		all = append(all, test)
	}
	return all, nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: keploy-decoder keploy|current FOLDER")
		os.Exit(2)
	}
	read := withCurrent
	if os.Args[1] == "keploy" {
		read = withKeploy
	}
	tests, err := read(os.Args[2])
	if err == nil {
		sort.Slice(tests, func(a, b int) bool { return tests[a].Name < tests[b].Name })
		err = json.NewEncoder(os.Stdout).Encode(tests)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

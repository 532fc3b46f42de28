// SPDX-License-Identifier: Apache-2.0

package example

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var served cluster

// TestMain serves once for all tests. RMQLAB names the program if it isn't on the path.
func TestMain(m *testing.M) {
	program := os.Getenv("RMQLAB")
	if program == "" {
		program = "rmqlab"
	}
	process := exec.Command(program, "serve", "--exit-with-parent")
	output, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		panic(err)
	}
	line, _ := bufio.NewReader(output).ReadString('\n')
	words := strings.Fields(line) // ready namesrv=… http=…
	served = cluster{
		namesrv: strings.TrimPrefix(words[1], "namesrv="),
		base:    "http://" + strings.TrimPrefix(words[2], "http="),
	}
	status := m.Run()
	process.Process.Signal(os.Interrupt)
	process.Wait()
	os.Exit(status)
}

type cluster struct{ namesrv, base string }
type object = map[string]any

func (c cluster) call(t *testing.T, method, path string, body object) object {
	t.Helper()
	var data io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		data = bytes.NewReader(text)
	}
	request, _ := http.NewRequest(method, c.base+path, data)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer := object{}
	err = json.NewDecoder(response.Body).Decode(&answer)
	if err != nil || response.StatusCode != 200 {
		t.Fatal(method, path, response.Status, answer, err)
	}
	return answer
}

// newCluster is the test's own; it ends with the test.
func newCluster(t *testing.T) cluster {
	made := served.call(t, "POST", "/v1/clusters",
		object{"brokers": 1, "topics": []string{"Orders:4"}})
	path := fmt.Sprint("/v1/clusters/", made["id"])
	t.Cleanup(func() { served.call(t, "DELETE", path, nil) })
	return cluster{namesrv: made["namesrv"].(string), base: served.base + path}
}

func (c cluster) expect(t *testing.T, claim string) {
	t.Helper()
	found := c.call(t, "POST", "/v1/expect", object{"expect": claim, "within": "5s"})
	if found["verdict"] != "ok" {
		t.Fatal(found)
	}
}

func (c cluster) messages(t *testing.T, topic string) []any {
	return c.call(t, "GET", "/v1/messages?topic="+topic, nil)["messages"].([]any)
}

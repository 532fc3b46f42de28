// SPDX-License-Identifier: Apache-2.0
package lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** One served process a JVM, one cluster a test. RMQLAB names the program, if not on the path. */
final class Cluster implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Cluster SERVED = serve();

    final String namesrv;
    private final String base;

    private Cluster(String base, String namesrv) {
        this.base = base;
        this.namesrv = namesrv;
    }

    private static Cluster serve() {
        try {
            String program = System.getenv().getOrDefault("RMQLAB", "rmqlab");
            Process process = new ProcessBuilder(program, "serve", "--exit-with-parent")
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String[] words = new BufferedReader(new InputStreamReader(process.getInputStream()))
                .readLine().split(" "); // ready namesrv=… http=…
            return new Cluster("http://" + words[2].substring("http=".length()),
                words[1].substring("namesrv=".length()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The test's own; it ends when it is closed. */
    static Cluster create() throws Exception {
        JSONObject made =
            SERVED.call("POST", "/v1/clusters", "{'brokers':1,'topics':['Orders:4']}");
        return new Cluster(SERVED.base + "/v1/clusters/" + made.getString("id"),
            made.getString("namesrv"));
    }

    /** Quotes may be single ones. */
    JSONObject call(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
            .method(method, BodyPublishers.ofString(body.replace('\'', '"'))).build();
        var answer = HTTP.send(request, BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.parseObject(answer.body());
    }

    void expect(String claim) throws Exception {
        JSONObject found = call("POST", "/v1/expect", "{'expect':'" + claim + "','within':'5s'}");
        assertEquals("ok", found.getString("verdict"), found.toString());
    }

    JSONArray messages(String topic) throws Exception {
        return call("GET", "/v1/messages?topic=" + topic, "").getJSONArray("messages");
    }

    @Override
    public void close() throws Exception {
        call("DELETE", "", "");
    }
}

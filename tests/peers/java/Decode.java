// SPDX-License-Identifier: Apache-2.0
// Decodes frames with Apache's own RemotingCommand, one a line of hex without the length; says of
// each its code, flag, opaque, version, language, extension fields in order of name, and body in
// base64.
import java.io.BufferedReader;
import java.io.FileReader;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.TreeMap;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

public class Decode {
    static byte[] bytes(String hex) {
        byte[] out = new byte[hex.length() / 2];
        for (int i = 0; i < out.length; i++)
            out[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        return out;
    }

    public static void main(String[] args) throws Exception {
        try (BufferedReader in = new BufferedReader(new FileReader(args[0]))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                RemotingCommand command = RemotingCommand.decode(ByteBuffer.wrap(bytes(line)));
                StringBuilder fields = new StringBuilder();
                if (command.getExtFields() != null)
                    new TreeMap<>(command.getExtFields()).forEach((name, value) ->
                        fields.append(name).append('=').append(value).append('\u0003'));
                byte[] body = command.getBody() == null ? new byte[0] : command.getBody();
                System.out.println(String.join("\t", "" + command.getCode(), "" + command.getFlag(),
                    "" + command.getOpaque(), "" + command.getVersion(), "" + command.getLanguage(),
                    fields.toString(), Base64.getEncoder().encodeToString(body)));
            }
        }
    }
}

import java.nio.file.Path;
import org.apache.solr.client.solrj.embedded.JettyConfig;
import org.apache.solr.client.solrj.embedded.JettySolrRunner;

/** Runs a real Solr from its jars, on loopback: java Solr.java HOME PORT. */
class Solr {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("solr.jetty.host", "127.0.0.1");
        System.setProperty("host", "127.0.0.1");
        var config = JettyConfig.builder().setContext("/solr").setPort(Integer.parseInt(arguments[1])).build();
        new JettySolrRunner(Path.of(arguments[0]).toAbsolutePath().toString(), config).start();
        Thread.currentThread().join();
    }
}

// Prints what OscJack, a library for Unity, decodes: address, then every element as text and as
// a number, tab-separated, one message per line.
using System;
using System.Globalization;
using System.Text;
using System.Threading;
using OscJack;

static class OscJackDump
{
    static void Main(string[] arguments)
    {
        var server = new OscServer(int.Parse(arguments[0], CultureInfo.InvariantCulture));
        server.MessageDispatcher.AddCallback(string.Empty, Show);
        Thread.Sleep(Timeout.Infinite);
    }

    static void Show(string address, OscDataHandle data)
    {
        var line = new StringBuilder(address);
        for (var i = 0; i < data.GetElementCount(); i++)
        {
            line.Append('\t').Append(data.GetElementAsString(i));
            var number = data.GetElementAsFloat(i);
            line.Append('\t').Append(number.ToString("R", CultureInfo.InvariantCulture));
        }
        Console.WriteLine(line);
        Console.Out.Flush();
    }
}

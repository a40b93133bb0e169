int main (string[] args) {
  Intl.setlocale ();
  return new Browser.Application ().run (args);
}

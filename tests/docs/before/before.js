import Arbor from 'gi://Arbor?version=1.0';
import Gtk from 'gi://Gtk?version=4.0';

Gtk.init_check();
const records = Array.from({length: 50}, (_, i) => ({id: i, height: 60 + i, age: 20 + i, team: 'BOS',
  name: {first: `A${i}`, last: `B${i}`}}));
const store = Arbor.Store.open('store.arbor');
store.put('people', Arbor.from_native(records), null);
store.put('counter', Arbor.from_native([{n: 1}]), null);
const people = store.get('people');
const teams = Arbor.from_native([{id: 'BOS', name: 'Boston'}]);

BLOCK

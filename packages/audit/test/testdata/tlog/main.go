// Checks the audit log from outside, by the code that Go checks its own checksum database with: the signature of the
// checkpoint, inclusion of leaves, and consistency with an older root, all from tiles over HTTP.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type facts struct {
	URL    string `json:"url"`
	Key    string `json:"key"`
	Leaves []struct {
		Index int64     `json:"index"`
		Hash  tlog.Hash `json:"hash"`
	} `json:"leaves"`
	Old struct {
		Size int64     `json:"size"`
		Root tlog.Hash `json:"root"`
	} `json:"old"`
}

type reader struct{ url string }

func (r reader) Height() int { return 8 }

func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		// Go writes the height into the path; C2SP fixes it to 8 and leaves it out
		data, err := get(r.url + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func get(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	var given facts
	data, err := os.ReadFile(os.Args[1])
	check(err)
	check(json.Unmarshal(data, &given))
	verifier, err := note.NewVerifier(given.Key)
	check(err)
	signed, err := get(given.URL + "/checkpoint")
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		check(fmt.Errorf("the origin is %q", lines[0]))
	}
	var size int64
	_, err = fmt.Sscan(lines[1], &size)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, reader{given.URL})
	for _, leaf := range given.Leaves {
		proof, err := tlog.ProveRecord(size, leaf.Index, hashes)
		check(err)
		check(tlog.CheckRecord(proof, size, root, leaf.Index, leaf.Hash))
	}
	proof, err := tlog.ProveTree(size, given.Old.Size, hashes)
	check(err)
	check(tlog.CheckTree(proof, size, root, given.Old.Size, given.Old.Root))
	fmt.Printf("%d entries, %d proved, consistent with %d\n", size, len(given.Leaves), given.Old.Size)
}
